import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import { checkArguments } from "../../components/arguments";
import { snapshotEnvironment } from "../../components/rotator-environment";
import { type Intent, keepIntent, snapshotSeconds } from "../../formats/intent";
import { RotationError } from "../../rotator/rotation-error";
import { readSnapshotSeconds, type Settings } from "../../rotator/settings";
import { snapshot } from "../../rotator/snapshot";
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
const given = {
    subscriptionId: "00000000-0000-0000-0000-000000000001",
    resourceGroupName: "g",
    clusterName: "c",
    rotationGeneration: 1,
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
                error instanceof RotationError && /another CA[\s\S]*Nothing was rotated.*pulumi up/.test(error.message),
        );
        assert.ok(outside.clock >= snapshotSeconds * 1000 && outside.clock <= (snapshotSeconds + 1) * 1000);
    });

    it("says so too where the end of its time cuts a look short", () => {
        for (const what of ["onLook", "onCredentials", "onApiServer"] as const) {
            const outside = new ScriptedOutside();
            const answer = {
                onLook: outside.onLook,
                onCredentials: outside.onCredentials,
                onApiServer: () => "anotherCa",
            };
            Object.assign(outside, answer, { [what]: () => (outside.clock > 60_000 ? "hangs" : answer[what]()) });
            assert.throws(
                () => take(outside),
                (error) =>
                    error instanceof RotationError &&
                    /of another CA[\s\S]*; the cluster is Succeeded\./.test(error.message),
            );
        }
    });

    it("does not say so where it has seen nothing", () => {
        const outside = new ScriptedOutside();
        outside.onApiServer = () => "hangs";
        assert.throws(() => take(outside), /no answer in time/);
    });

    it("says that nothing was rotated where Azure refuses it", () => {
        const outside = new ScriptedOutside();
        outside.onCredentials = () => new Error("Azure answered 403");
        assert.throws(() => take(outside), /403/);
        assert.match(outside.told.at(-1) ?? "", /^Nothing was rotated by this run;.*then run pulumi up again\.$/);
    });

    it("fails in a time that is shorter, where there is one", () => {
        const outside = new ScriptedOutside();
        outside.onApiServer = () => "anotherCa";
        const taking = snapshot(outside, settings, undefined, keepIntent, 6);
        assert.throws(() => seeThrough(taking), RotationError);
        assert.ok(outside.clock >= 6_000 && outside.clock <= 6_000 + outside.answerMs, `${outside.clock} ms`);
    });

    it("is told a timeout only where that is shorter than its own time: other stacks see no change", () => {
        const told = (timeout: string) => snapshotEnvironment(checkArguments({ ...given, timeout }), "project/stack");
        assert.equal(told("6s").AKS_ROTATION_TIMEOUT_SECONDS, "6");
        assert.equal(told("2m").AKS_ROTATION_TIMEOUT_SECONDS, "");
        const seconds = (given?: string) => readSnapshotSeconds({ AKS_ROTATION_TIMEOUT_SECONDS: given });
        assert.deepEqual([seconds(), seconds("6"), seconds("3600")], [120, 6, 120]);
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

    it("is what was true before Azure was asked, for the generation that is asked for now", () => {
        const outside = new ScriptedOutside();
        const previous = { ...take(new ScriptedOutside()), generation: 1, caFingerprints: ["Z"] };
        assert.deepEqual(take(outside, previous), {
            intent: 1,
            generation: 2,
            clusterId: "id",
            resourceUID: "uid",
            eTag: "1",
            askedAt: new Date(0).toISOString(),
            caFingerprints: ["A"],
            caCertificate: "A",
            earlierGeneration: 1,
        });
    });

    it("is refused where there is no cluster, and says so", () => {
        const outside = new ScriptedOutside();
        outside.onLook = () => undefined;
        assert.throws(
            () => take(outside),
            (error) => error instanceof RotationError && /^There is no cluster "c"/.test(error.message),
        );
    });

    it("asks no API server where verify is off, and does during every operation but a rotation", () => {
        const outside = new ScriptedOutside();
        outside.onApiServer = () => "anotherCa";
        seeThrough(snapshot(outside, { ...settings, verify: "off" }, undefined));
        assert.ok(!outside.asked.includes("apiServer"));
        for (const state of ["Updating", "Failed", "ReconcilingClusterCertificates"]) {
            outside.onLook = () => cluster(state);
            assert.throws(() => take(outside), RotationError, state);
        }
    });

    it("keeps an error that is not the end of its time, also where the credentials were seen to be old", () => {
        for (const [error, at] of [
            [new DOMException("given up", "AbortError"), 50_000],
            [new Error("Azure answered 403"), snapshotSeconds * 1000 - 100],
        ] as const) {
            const outside = new ScriptedOutside();
            outside.onApiServer = () => "anotherCa";
            outside.onLook = () => {
                if (outside.connections === 0) {
                    return cluster("Succeeded");
                }
                outside.clock = at;
                return error;
            };
            assert.throws(() => take(outside), error);
        }
    });

    it("does without an API server that cannot be asked only with bestEffort, and not where the time is over", () => {
        const outage = new RestError("AKS cannot run a command", { statusCode: 500 });
        const taken = (verify: Settings["verify"], answer: Error | "hangs") => {
            const outside = new ScriptedOutside();
            outside.onApiServer = () => answer;
            return seeThrough(snapshot(outside, { ...settings, verify }, undefined));
        };
        assert.deepEqual(taken("bestEffort", outage).caFingerprints, ["A"]);
        assert.throws(() => taken("required", outage), /AKS cannot run a command/);
        assert.throws(() => taken("bestEffort", new Error("broken")), /broken/);
        assert.throws(() => taken("bestEffort", "hangs"), /no answer in time/);
    });
});
