import assert from "node:assert/strict";
import type { Intent } from "../../formats/intent";
import type { Settings } from "../../rotator/settings";
import { snapshot, snapshotMs } from "../../rotator/snapshot";
import { Stopped } from "../../rotator/stopped";
import { cluster, credentials, ScriptedOutside, seeThrough } from "./scripted-outside";

const settings: Settings = {
    subscriptionId: "s",
    resourceGroupName: "g",
    clusterName: "c",
    clusterId: "id",
    generation: 2,
    credentials: "user",
    verify: "required",
};
const take = (outside: ScriptedOutside, previous?: Intent) => seeThrough(snapshot(outside, settings, previous));

describe("a snapshot", () => {
    it("is taken at once where the API server has a certificate of the credentials' CA, or cannot be asked", () => {
        for (const shows of ["sameCa", "unreachable"] as const) {
            const outside = new ScriptedOutside();
            outside.onApiServer = () => shows;
            assert.deepEqual(take(outside).caFingerprints, ["A"]);
            assert.deepEqual(outside.asked, ["look", "credentials", "apiServer"]);
        }
    });

    it("waits for the credentials while the API server shows that they are old", () => {
        const outside = new ScriptedOutside();
        outside.onCredentials = () => credentials(outside.clock < 30_000 ? "A" : "B");
        outside.onApiServer = () => (outside.clock < 30_000 ? "anotherCa" : "sameCa");
        assert.deepEqual(take(outside).caFingerprints, ["B"]);
        assert.equal(outside.told.length, 1);
    });

    it("fails in its time where they stay old, and says what is wrong", () => {
        const outside = new ScriptedOutside();
        outside.onApiServer = () => "anotherCa";
        assert.throws(
            () => take(outside),
            (error) =>
                error instanceof Stopped && /another CA[\s\S]*Nothing was rotated.*pulumi up/.test(error.message),
        );
        assert.ok(outside.clock >= snapshotMs && outside.clock <= snapshotMs + 1000);
    });

    it("does not ask the API server where nothing hangs on it", () => {
        const previous = take(new ScriptedOutside());
        const outside = new ScriptedOutside();
        outside.onApiServer = () => "anotherCa";
        assert.equal(take(outside, previous), previous);
        for (const other of [cluster("RotatingClusterCertificates"), cluster("Succeeded", { stopped: true })]) {
            outside.onLook = () => other;
            take(outside);
        }
        assert.ok(!outside.asked.includes("apiServer"));
    });
});
