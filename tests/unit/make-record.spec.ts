import assert from "node:assert/strict";
import { type Facts, makeRecord } from "../../rotator/make-record";
import { settings } from "./task";

const facts: Facts = {
    settings,
    caBefore: ["A"],
    resourceUID: "uid",
    rotated: true,
    started: new Date(0),
    finished: new Date(61_260),
    caFingerprints: ["B"],
    outage: { totalSeconds: 3, longestSeconds: 2 },
    verification: { verified: ["caChanged"], notVerified: [], apiServerCertificate: null },
};

describe("a record", () => {
    it("of a rotation has its times, both CAs and the outage", () => {
        assert.deepEqual(makeRecord(facts), {
            record: 1,
            generation: 2,
            outcome: "rotated",
            clusterId: settings.clusterId,
            resourceUID: "uid",
            started: "1970-01-01T00:00:00.000Z",
            finished: "1970-01-01T00:01:01.260Z",
            durationSeconds: 61.3,
            caBefore: ["A"],
            caAfter: ["B"],
            outage: facts.outage,
            ...facts.verification,
        });
        const { outcome, started, durationSeconds } = makeRecord({ ...facts, started: undefined });
        assert.deepEqual([outcome, started, durationSeconds], ["found rotated", null, null]);
    });

    it("of an adoption has no rotation in it, whatever is known of one", () => {
        const { outcome, started, durationSeconds, caBefore, caAfter, outage } = makeRecord({
            ...facts,
            rotated: false,
        });
        assert.deepEqual([outcome, started, durationSeconds, outage], ["adopted", null, null, null]);
        assert.deepEqual([caBefore, caAfter], [["B"], ["B"]]);
    });
});
