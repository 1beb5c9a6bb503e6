import assert from "node:assert/strict";
import { type Found, intent, next, record } from "./decision";

describe("what the rotator does next with a CA bundle", () => {
    const grown = { caFingerprints: ["A", "C"] };
    const shrunkIntent = { ...intent, caFingerprints: ["A", "C"] };
    const late = { settleTimeoutElapsed: true };
    const waits = { do: "wait", for: "credentials" };

    it("that grew or shrank waits, and then rotates where nothing has changed the cluster since", () => {
        const untouched = { eTag: "1" };
        const cases: [Partial<Found>, typeof intent][] = [
            [grown, intent],
            [{ caFingerprints: ["A"] }, shrunkIntent],
        ];
        for (const [cluster, own] of cases) {
            const asked = { intent: { ...own, eTag: "1" }, record: { ...record, caAfter: own.caFingerprints } };
            assert.deepEqual(next({ ...cluster, ...untouched }, asked), waits);
            const settled = { ...asked, attempt: { settleTimeoutElapsed: true } };
            assert.deepEqual(next({ ...cluster, ...untouched }, settled), { do: "rotate" });
        }
    });

    it("that overlaps is no rotation, and none is started where one may have been", () => {
        const fail = { do: "fail", reason: "caOverlaps" };
        const settleTimeoutElapsed = true;
        const asked = { intent: { ...intent, eTag: "1" }, verify: "off" as const };
        assert.deepEqual(next({ ...grown, eTag: "1" }, { ...asked, attempt: { started: 1 } }), waits);
        for (const attempt of [{ started: 1 }, { rotationObserved: true }]) {
            const late = { ...asked, attempt: { ...attempt, settleTimeoutElapsed } };
            assert.deepEqual(next({ ...grown, eTag: "1" }, late), fail);
        }
        // An earlier run can have started it: the cluster was changed since the intent, or that is not known.
        assert.deepEqual(next({ ...grown, eTag: "2" }, { ...asked, attempt: { settleTimeoutElapsed } }), fail);
        assert.deepEqual(next(grown, { attempt: { settleTimeoutElapsed } }), fail);
    });

    it("of a failed cluster is no rotation either", () => {
        const failed = { ...grown, provisioningState: "Failed", eTag: "1" };
        const asked = { intent: { ...intent, eTag: "1" } };
        assert.deepEqual(next(failed, asked), waits);
        assert.deepEqual(next(failed, { ...asked, attempt: { settleTimeoutElapsed: true } }), { do: "rotate" });
        const changed = next({ ...failed, eTag: "2" }, { ...asked, attempt: { ...late, reconcileTimeElapsed: true } });
        assert.deepEqual(changed, { do: "fail", reason: "caOverlaps" });
    });

    it("that overlaps does not hold up a rotation where the API server shows that its CA is one of before", () => {
        const changed = { ...grown, eTag: "2", signedByEarlierCa: true };
        const asked = { intent: { ...intent, eTag: "1" } };
        assert.deepEqual(next(changed, asked), waits);
        assert.deepEqual(next(changed, { ...asked, attempt: late }), { do: "rotate" });
    });

    it("that was not read proves no rotation", () => {
        const asked = { intent: { ...intent, eTag: "1" } };
        assert.deepEqual(next({ caFingerprints: undefined, eTag: "1" }, asked), { do: "rotate" });
    });

    it("is verified as soon as the CA that signed the API server's certificate is not of the intent", () => {
        const attempt = { newServerCaSeen: true };
        assert.deepEqual(next({ caFingerprints: ["A", "B"] }, { attempt }), { do: "verify" });
        assert.deepEqual(next({ caFingerprints: ["A"] }, { attempt }), waits);
        const settled = { attempt: { ...attempt, settleTimeoutElapsed: true } };
        assert.deepEqual(next({ caFingerprints: ["A"] }, settled), { do: "fail", reason: "caUnchanged" });
        assert.deepEqual(next({ provisioningState: "Failed" }, { attempt }), {
            do: "fail",
            reason: "caChangedButFailed",
        });
    });
});
