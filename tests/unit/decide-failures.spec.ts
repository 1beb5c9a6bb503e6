import assert from "node:assert/strict";
import type { OperationError } from "../../azure/azure-errors";
import type { AttemptState } from "../../rotator/attempt-state";
import { intent, next, record } from "./decision";

describe("what the rotator does next after a rotation that failed", () => {
    it("takes a canceled rotation for a person's veto, in the run that sees it canceled, unless another operation came first", () => {
        const canceled = { provisioningState: "Canceled" };
        const veto = { do: "fail", reason: "canceled" };
        const own = { started: 1, failed: 1, rotationCanceled: true };
        assert.deepEqual(next(canceled, { attempt: own }), veto);
        assert.deepEqual(next(canceled, { attempt: { rotationObserved: true, rotationCanceled: true } }), veto);
        assert.deepEqual(next(canceled), { do: "rotate" }, "a later run may start it again");
        const cause = (kind: OperationError["kind"], failed = 1) => ({
            failure: { failed, error: { kind, message: "m", text: "t" } },
        });
        assert.deepEqual(next(canceled, { attempt: { ...own, ...cause("preempted") } }), { do: "rotate" });
        assert.deepEqual(next(canceled, { attempt: { ...own, ...cause("other") } }), veto);
        const twice = { ...own, started: 2, failed: 2 };
        assert.deepEqual(next(canceled, { attempt: { ...twice, ...cause("preempted") } }), veto);
    });

    it("adopts a cluster that took the place of the intent's, where the record does not say of which cluster it is", () => {
        const old = { ...record, resourceUID: undefined };
        assert.deepEqual(next({ resourceUID: "another" }, { record: old }), { do: "adopt" });
        const unknown = { ...intent, resourceUID: undefined };
        assert.deepEqual(next({ resourceUID: "another" }, { record: old, intent: unknown }), { do: "rotate" });
    });

    it("concludes nothing while the rotation that was accepted is not visible yet", () => {
        const attempt = { started: 1, acceptedNotVisible: true };
        const unasked = { caFingerprints: ["B"], apiServer: undefined };
        assert.deepEqual(next(unasked, { attempt }), { do: "wait", for: "answer" });
        assert.deepEqual(next({ caFingerprints: ["B"] }, { attempt }), { do: "verify" });
    });

    it("stops where the intent was taken anew after the CA has changed", () => {
        const anew = { ...intent, caFingerprints: ["B"], askedAt: "2026-01-02T00:00:00.000Z" };
        assert.deepEqual(next({ caFingerprints: ["B"] }, { intent: anew }), { do: "fail", reason: "intentOutdated" });
        const raised = { ...anew, earlierGeneration: 1 };
        assert.deepEqual(next({ caFingerprints: ["B"] }, { intent: raised }), { do: "rotate" });
    });

    it("stops after the first failure for a cause that lasts, and looks for a minute after every other", () => {
        const failed = { provisioningState: "Failed" };
        const afterFailure = (kind: OperationError["kind"], more: Partial<AttemptState> = {}) =>
            next(failed, {
                attempt: {
                    started: 1,
                    failed: 1,
                    failure: { failed: 1, error: { kind, message: "m", text: "t" } },
                    ...more,
                },
            });
        assert.deepEqual(afterFailure("lasting"), { do: "fail", reason: "lastingFailure" });
        for (const kind of ["capacity", "other", "preempted"] as const) {
            assert.deepEqual(afterFailure(kind), { do: "wait", for: "reconciliation" });
            assert.deepEqual(afterFailure(kind, { reconcileTimeElapsed: true }), { do: "rotate" });
        }
        const untouched = { ...failed, eTag: "1" };
        assert.deepEqual(next(untouched, { intent: { ...intent, eTag: "1" } }), { do: "rotate" }, "failed before it");
        const own = { intent: { ...intent, eTag: "1" }, attempt: { started: 1, failed: 1, rotationObserved: true } };
        assert.deepEqual(next(untouched, own), { do: "wait", for: "reconciliation" }, "whatever the eTag says");
    });
});
