import assert from "node:assert/strict";
import type { EarlierCa } from "../../rotator/earlier-ca";
import type { Doing } from "../../rotator/outside";
import type { ProbeSchedule, ServerCa } from "../../rotator/probe-server-ca";
import { showsAnotherCa, startProbe, watchServerCa } from "../../rotator/start-probe";
import { credentials, ScriptedOutside, seeThrough } from "./scripted-outside";

describe("the schedule of the watch before a rotation", () => {
    const askedAt = new Date(0).toISOString();
    const short = { connections: 8, overMs: 2000 };
    const schedule = (own: Partial<Parameters<typeof startProbe>[0]>) =>
        startProbe({ intent: { askedAt, eTag: "1" }, eTag: "1", startedAt: new Date(0), watchedMs: 0, ...own });

    it("is short only where the intent is of this up, and nothing has changed the cluster since", () => {
        assert.deepEqual(schedule({}), short);
        assert.deepEqual(schedule({ startedAt: new Date(120_000) }), short);
        const long = { connections: 31, overMs: 60_000 };
        assert.deepEqual(schedule({ startedAt: new Date(120_001) }), long);
        assert.deepEqual(schedule({ startedAt: new Date(-120_001) }), long);
        assert.deepEqual(schedule({ eTag: "2" }), long);
        assert.deepEqual(schedule({ eTag: undefined }), long);
        assert.deepEqual(schedule({ intent: { askedAt, eTag: undefined } }), long);
        assert.deepEqual(schedule({ intent: { askedAt, eTag: undefined }, eTag: undefined }), long);
    });

    it("is shorter by what was watched already, but never shorter than the short one", () => {
        assert.deepEqual(schedule({ eTag: "2", watchedMs: 20_000 }), { connections: 21, overMs: 40_000 });
        assert.deepEqual(schedule({ eTag: "2", watchedMs: 55_000 }), { connections: 8, overMs: 5000 });
        assert.deepEqual(schedule({ eTag: "2", watchedMs: 90_000 }), short);
    });
});

/** Ports whose API server shows one thing, and what they were asked to compare it with. */
class OneSight extends ScriptedOutside {
    comparisons: { earlier: EarlierCa | undefined; schedule: ProbeSchedule }[] = [];

    constructor(private readonly shown: ServerCa | "unreachable") {
        super();
    }

    override *serverCa(
        _credentials: unknown,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
    ): Doing<never, ServerCa | "unreachable"> {
        yield* [];
        this.comparisons.push({ earlier, schedule });
        return this.shown;
    }
}

describe("the watch of the API server", () => {
    const earlier: EarlierCa = { fingerprints: ["A"], certificates: [], isComplete: true };
    const watch = { credentials: credentials("A"), earlier, schedule: { connections: 8, overMs: 2000 } };
    const finding = (shown: ServerCa | "unreachable") => seeThrough(watchServerCa(new OneSight(shown), watch, 1000));

    it("confirms the CA only where every connection was of the credentials' CA", () => {
        assert.equal(finding({ credentials: "match", intent: "match" }), "confirmed");
        assert.equal(finding({ credentials: "match", intent: undefined }), "confirmed");
        assert.equal(finding({ credentials: "mismatch", intent: undefined }), "unclear");
        assert.equal(finding("unreachable"), "unclear");
    });

    it("finds a new CA only where one is proved not to be of before", () => {
        assert.equal(finding({ credentials: "match", intent: "mismatch" }), "new");
        assert.equal(finding({ credentials: "mismatch", intent: "mismatch" }), "new");
        assert.equal(finding({ credentials: "mismatch", intent: "match" }), "unclear");
    });
});

describe("whether an API server shows another CA than the credentials", () => {
    it("is asked on eight connections without a pause, and answered by one that proves it", () => {
        const cases: [ServerCa | "unreachable", boolean][] = [
            [{ credentials: "match", intent: "match" }, false],
            [{ credentials: "mismatch", intent: undefined }, true],
            [{ credentials: "match", intent: "mismatch" }, true],
            [{ credentials: "mismatch", intent: "mismatch" }, true],
            ["unreachable", false],
        ];
        for (const [shown, expected] of cases) {
            const sight = new OneSight(shown);
            assert.equal(seeThrough(showsAnotherCa(sight, credentials("A"), 1000)), expected, JSON.stringify(shown));
            assert.deepEqual(sight.comparisons, [
                {
                    earlier: { fingerprints: ["A"], certificates: [], isComplete: true },
                    schedule: { connections: 8, overMs: 0 },
                },
            ]);
        }
    });
});
