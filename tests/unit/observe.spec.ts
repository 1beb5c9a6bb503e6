import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import type { EarlierCa } from "../../rotator/earlier-ca";
import { observe } from "../../rotator/observe";
import type { Doing } from "../../rotator/outside";
import type { ServerCa } from "../../rotator/probe-server-ca";
import type { VerifyMode } from "../../rotator/settings";
import { cluster, ScriptedOutside, seeThrough } from "./scripted-outside";

const earlier: EarlierCa = { fingerprints: ["A"], certificates: [], isComplete: true };

class OneSight extends ScriptedOutside {
    shown: ServerCa | "unreachable" | Error = { credentials: "match", intent: "match" };

    override *serverCa(
        _credentials: unknown,
        compared: EarlierCa | undefined,
        schedule: unknown,
    ): Doing<never, ServerCa | "unreachable"> {
        yield* [];
        assert.equal(compared, earlier);
        assert.deepEqual(schedule, { connections: 1, overMs: 0 });
        this.asked.push("apiServer");
        if (this.shown instanceof Error) {
            throw this.shown;
        }
        return this.shown;
    }
}

const look = (ports: ScriptedOutside, verify: VerifyMode = "required") =>
    seeThrough(
        observe(
            ports,
            verify,
            () => earlier,
            () => 1000,
        ),
    );

describe("an observation", () => {
    it("ends where there is no cluster, or an operation is under way", () => {
        const ports = new OneSight();
        ports.onLook = () => undefined;
        assert.deepEqual(look(ports), { cluster: { found: false }, at: 100 });
        ports.onLook = () => cluster("Updating");
        assert.deepEqual(look(ports).cluster, { found: true, ...cluster("Updating") });
        assert.deepEqual(ports.asked, ["look", "look"]);
    });

    it("asks no API server of a stopped cluster, nor where verify is off", () => {
        const ports = new OneSight();
        assert.equal(look(ports, "off").cluster.found, true);
        ports.onLook = () => cluster("Succeeded", { stopped: true });
        look(ports);
        assert.ok(!ports.asked.includes("apiServer"));
        ports.onLook = () => cluster("Succeeded");
        look(ports, "bestEffort");
        assert.ok(ports.asked.includes("apiServer"));
    });

    it("says of the API server's certificate only what is proved", () => {
        const cases: [ServerCa | "unreachable", apiServer: string, signedByEarlierCa: boolean | undefined][] = [
            [{ credentials: "match", intent: "match" }, "sameCa", true],
            [{ credentials: "match", intent: "mismatch" }, "sameCa", false],
            [{ credentials: "mismatch", intent: "match" }, "anotherCa", true],
            [{ credentials: "mismatch", intent: undefined }, "anotherCa", undefined],
            ["unreachable", "unreachable", undefined],
        ];
        for (const [shown, apiServer, signedByEarlierCa] of cases) {
            const ports = new OneSight();
            ports.shown = shown;
            const seen = look(ports).cluster;
            assert.ok(seen.found);
            assert.deepEqual([seen.apiServer, seen.signedByEarlierCa], [apiServer, signedByEarlierCa]);
            assert.deepEqual(seen.caFingerprints, ["A"]);
        }
    });

    it("keeps what was seen where the API server cannot be asked for a while, and throws what is wrong for good", () => {
        const ports = new OneSight();
        ports.shown = new RestError("AKS cannot run a command", { statusCode: 503 });
        const { cluster: seen, credentials, apiServerError } = look(ports);
        assert.equal(apiServerError, ports.shown);
        assert.deepEqual(credentials?.caFingerprints, ["A"]);
        assert.equal(seen.found && seen.apiServer, undefined);
        ports.shown = new RestError("no right", { statusCode: 403 });
        assert.throws(() => look(ports), /no right/);
    });
});
