import assert from "node:assert/strict";
import fc from "fast-check";
import { initialState } from "../../rotator/attempt-state";
import { decide } from "../../rotator/decide";
import { intent, next, record } from "./decision";
import { provisioningStates } from "./model/provisioning-states";

const { otherwiseUnderWay: underWay, rotating } = provisioningStates;

describe("what the rotator does next", () => {
    it("adopts where there is no record", () => {
        assert.deepEqual(next({}, { command: "adopt", record: undefined }), { do: "adopt" });
    });

    it("adopts a cluster that was created again under the same name", () => {
        assert.deepEqual(next({ resourceUID: "another" }), { do: "adopt" });
    });

    it("returns the record as it was for a generation that is not above it", () => {
        for (const generation of [0, 1]) {
            assert.deepEqual(next({}, { generation }), { do: "noop", record });
        }
    });

    it("waits while certificates are rotated or reconciled, by anybody", () => {
        for (const provisioningState of rotating) {
            assert.deepEqual(next({ provisioningState }), { do: "wait", for: "rotation" });
        }
    });

    it("waits while another operation is under way, also one of a name it does not know", () => {
        for (const provisioningState of underWay) {
            assert.deepEqual(next({ provisioningState }), { do: "wait", for: "operation" });
        }
    });

    it("verifies where the CA is not that of the intent: it has happened", () => {
        assert.deepEqual(next({ caFingerprints: ["B"] }), { do: "verify" });
    });

    it("rotates where the CA is that of the intent", () => {
        assert.deepEqual(next({}), { do: "rotate" });
    });

    it("does not take a rotation that is on record already for the one that was asked for", () => {
        const later = { ...record, generation: 2, outcome: "rotated" as const, caAfter: ["B"] };
        assert.deepEqual(
            next({ caFingerprints: ["B"] }, { generation: 3, record: later, intent: { ...intent, generation: 3 } }),
            {
                do: "rotate",
            },
        );
    });

    it("waits for the credentials where the API server shows another CA already", () => {
        assert.deepEqual(next({ apiServer: "anotherCa" }), { do: "wait", for: "credentials" });
    });

    it("waits for the credentials after a rotation, and stops when they never come", () => {
        assert.deepEqual(next({}, { attempt: { started: 1, rotationObserved: true } }), {
            do: "wait",
            for: "credentials",
        });
        assert.deepEqual(next({}, { attempt: { started: 1, rotationObserved: true, settleTimeoutElapsed: true } }), {
            do: "fail",
            reason: "caUnchanged",
        });
    });

    it("rotates after somebody else's operation has left the CA as it was", () => {
        assert.deepEqual(next({}, { attempt: { rotationObserved: true } }), { do: "wait", for: "credentials" });
        assert.deepEqual(next({}, { attempt: { rotationObserved: true, settleTimeoutElapsed: true } }), {
            do: "rotate",
        });
    });

    it("waits for the credentials of a changed cluster whose API server cannot be asked, before it rotates", () => {
        const asked = { intent: { ...intent, eTag: "1" }, verify: "bestEffort" as const };
        for (const apiServer of ["unreachable", undefined] as const) {
            assert.deepEqual(next({ apiServer, eTag: "2" }, asked), { do: "wait", for: "credentials" });
            assert.deepEqual(next({ apiServer, eTag: "2" }, { ...asked, attempt: { settleTimeoutElapsed: true } }), {
                do: "rotate",
            });
            assert.deepEqual(next({ apiServer, eTag: "1" }, asked), { do: "rotate" });
        }
        assert.deepEqual(next({ apiServer: "sameCa", eTag: "2" }, asked), { do: "rotate" });
        assert.deepEqual(next({ apiServer: undefined }, { verify: "off" }), { do: "wait", for: "credentials" });
    });

    it("waits for the credentials of a changed cluster that has failed, where its API server cannot be asked", () => {
        const attempt = { reconcileTimeElapsed: true };
        const asked = { intent: { ...intent, eTag: "1" }, verify: "bestEffort" as const, attempt };
        const failed = { provisioningState: "Failed", eTag: "2" };
        for (const apiServer of ["unreachable", undefined] as const) {
            const lagging = { ...failed, apiServer };
            assert.deepEqual(next(lagging, asked), { do: "wait", for: "credentials" });
            assert.deepEqual(next(lagging, { ...asked, attempt: { ...attempt, settleTimeoutElapsed: true } }), {
                do: "rotate",
            });
            assert.deepEqual(next({ ...lagging, eTag: "1" }, asked), { do: "rotate" });
            const thrice = { ...asked, attempt: { started: 3, failed: 3 } };
            assert.deepEqual(next(lagging, thrice), { do: "fail", reason: "attemptsExhausted" });
        }
        assert.deepEqual(next({ ...failed, apiServer: "sameCa" }, asked), { do: "rotate" });
    });

    it("does not count the settle time of a rotation that does not show yet", () => {
        assert.deepEqual(next({}, { attempt: { started: 1, acceptedNotVisible: true } }), {
            do: "wait",
            for: "answer",
        });
    });

    it("waits while a request to rotate has no answer", () => {
        assert.deepEqual(next({}, { attempt: { startUnanswered: true } }), { do: "wait", for: "answer" });
    });

    it("does not take the failure of an earlier rotation for that of one just accepted", () => {
        const attempt = { started: 2, failed: 1, acceptedNotVisible: true };
        assert.deepEqual(next({ provisioningState: "Failed" }, { attempt }), { do: "wait", for: "answer" });
    });

    it("stops where the cluster has failed since, but its CA has changed: the failure can be that of something else", () => {
        const stop = { do: "fail", reason: "caChangedButFailed" };
        for (const provisioningState of ["Failed", "Canceled"]) {
            assert.deepEqual(next({ provisioningState, caFingerprints: ["B"] }), stop);
            assert.deepEqual(next({ provisioningState, apiServer: "anotherCa" }), stop);
            const attempt = { started: 1, failed: 1 };
            assert.deepEqual(next({ provisioningState, caFingerprints: ["B"] }, { attempt }), stop);
        }
    });

    it("asks no fourth time where Azure never answers", () => {
        assert.deepEqual(next({}, { attempt: { unansweredStarts: 2 } }), { do: "rotate" });
        assert.deepEqual(next({}, { attempt: { unansweredStarts: 3 } }), { do: "fail", reason: "startUnanswered" });
    });

    it("starts again after Failed and Canceled, and stops after the third failure", () => {
        for (const provisioningState of ["Failed", "Canceled"]) {
            const attempt = { started: 2, failed: 2, reconcileTimeElapsed: true };
            assert.deepEqual(next({ provisioningState }, { attempt }), { do: "rotate" });
            assert.deepEqual(next({ provisioningState }, { attempt: { started: 3, failed: 3 } }), {
                do: "fail",
                reason: "attemptsExhausted",
            });
        }
    });

    it("stops where the cluster is being deleted or is not there", () => {
        assert.deepEqual(next({ provisioningState: "Deleting" }), { do: "fail", reason: "deleting" });
        assert.deepEqual(next({ found: false }), { do: "fail", reason: "notFound" });
    });

    it("rotates a stopped cluster only where that need not be verified", () => {
        const stopped = { stopped: true, apiServer: undefined, eTag: "1" };
        const asked = { ...intent, eTag: "1" };
        for (const verify of ["bestEffort", "off"] as const) {
            assert.deepEqual(next(stopped, { intent: asked, verify }), { do: "rotate" });
        }
        const fail = { do: "fail", reason: "stopped" };
        assert.deepEqual(next(stopped, { intent: asked }), fail);
        assert.deepEqual(next({ ...stopped, eTag: "2" }, { intent: asked }), fail, "and does not wait before it fails");
        assert.deepEqual(next(stopped, { command: "adopt", record: undefined }), { do: "adopt" });
    });

    it("waits for the end of an operation before it judges which cluster it is", () => {
        for (const provisioningState of underWay) {
            const wait = { do: "wait", for: "operation" };
            assert.deepEqual(next({ provisioningState, resourceUID: "another" }), wait);
            assert.deepEqual(next({ provisioningState }, { command: "adopt", record: undefined }), wait);
        }
    });

    it("compares resourceUIDs only where both sides have one: nothing else makes it another cluster", () => {
        const without = { ...record, resourceUID: undefined };
        const ofVersion010 = { ...record, resourceUID: record.clusterId };
        for (const known of [without, ofVersion010]) {
            assert.deepEqual(next({}, { record: known }), { do: "rotate" });
            assert.deepEqual(next({}, { record: known, generation: 1 }), { do: "noop", record: known });
        }
        assert.deepEqual(next({ resourceUID: undefined }), { do: "rotate" });
        assert.deepEqual(next({}, { intent: { ...intent, resourceUID: undefined } }), { do: "rotate" });
        const elsewhere = { ...record, resourceUID: undefined, clusterId: "another" };
        assert.deepEqual(next({}, { record: elsewhere }), { do: "adopt" });
    });

    it("begins nothing that it could not verify, where it must", () => {
        const stop = { do: "fail", reason: "unreachable" };
        assert.deepEqual(next({ apiServer: "unreachable" }), stop);
        assert.deepEqual(next({ apiServer: "unreachable" }, { command: "adopt", record: undefined }), stop);
        const attempt = { reconcileTimeElapsed: true };
        assert.deepEqual(next({ apiServer: "unreachable", provisioningState: "Failed" }, { attempt }), stop);
        const asked = { verify: "bestEffort" as const, intent: { ...intent, eTag: "1" } };
        assert.deepEqual(next({ apiServer: "unreachable", eTag: "1" }, asked), { do: "rotate" });
    });

    it("does not rotate on an intent that is older than the generation", () => {
        assert.deepEqual(next({}, { generation: 3 }), { do: "fail", reason: "staleIntent" });
    });

    it("rotates on an intent of a higher generation, which was lowered since", () => {
        assert.deepEqual(next({}, { intent: { ...intent, generation: 5 } }), { do: "rotate" });
    });

    it("does not rotate on an intent of another cluster than the one on record", () => {
        const stale = { do: "fail", reason: "staleIntent" };
        assert.deepEqual(next({}, { intent: { ...intent, resourceUID: "another" } }), stale);
        assert.deepEqual(next({}, { intent: { ...intent, clusterId: "another" } }), stale);
    });

    it("never starts a rotation while the API server shows another CA than the credentials, however long", () => {
        const asked = { intent: { ...intent, eTag: "1" } };
        const lagging = { apiServer: "anotherCa", eTag: "1" } as const;
        assert.deepEqual(next(lagging, asked), { do: "wait", for: "credentials" });
        assert.deepEqual(next(lagging, { ...asked, attempt: { settleTimeoutElapsed: true } }), {
            do: "fail",
            reason: "caUnchanged",
        });
    });

    it("never rotates in any situation without a raised generation, or with an operation under way, or deleted", () => {
        const states = Object.values(provisioningStates).flat();
        const ca = fc.constantFrom<string[]>(["A"], ["B"], ["A", "B"]);
        fc.assert(
            fc.property(
                fc.record({
                    generation: fc.nat(4),
                    mark: fc.nat(4),
                    asked: fc.nat(4),
                    state: fc.constantFrom(...states),
                    ca,
                    recordCa: ca,
                    uid: fc.constantFrom("uid", "another"),
                    apiServer: fc.constantFrom("sameCa" as const, "anotherCa" as const, "unreachable" as const),
                    attempt: fc.record({
                        started: fc.nat(3),
                        failed: fc.nat(3),
                        unansweredStarts: fc.nat(3),
                        rotationObserved: fc.boolean(),
                        startUnanswered: fc.boolean(),
                        ownRotationInFlight: fc.boolean(),
                        awaitingVisibility: fc.boolean(),
                        acceptedNotVisible: fc.boolean(),
                        settleTimeoutElapsed: fc.boolean(),
                    }),
                }),
                (s) => {
                    const step = decide({
                        clusterId: intent.clusterId,
                        command: "rotate",
                        generation: s.generation,
                        record: { ...record, generation: s.mark, caAfter: s.recordCa },
                        intent: { ...intent, generation: s.asked },
                        verify: "required",
                        cluster: {
                            found: true,
                            resourceUID: s.uid,
                            provisioningState: s.state,
                            stopped: false,
                            caFingerprints: s.ca,
                            apiServer: s.apiServer,
                        },
                        attempt: { ...initialState, ...s.attempt },
                    });
                    if (step.do === "rotate") {
                        assert.ok(s.generation > s.mark && s.asked >= s.generation);
                        assert.ok(["Succeeded", "Failed", "Canceled"].includes(s.state));
                        assert.equal(s.uid, "uid");
                        assert.equal(s.attempt.startUnanswered, false);
                    }
                },
            ),
            { numRuns: 5000 },
        );
    });
});
