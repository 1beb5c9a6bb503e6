import assert from "node:assert/strict";
import type { OperationError } from "../../azure/azure-errors";
import type { Start } from "../../azure/cluster";
import {
    type AttemptState,
    applyFailure,
    applyObservation,
    applyServerCa,
    applyStartResponse,
    initialState,
    isFailureUnknown,
} from "../../rotator/attempt-state";
import type { Observation } from "../../rotator/observation";

/** How long Azure may take to show what it accepted, and to receive a request that it did not answer, in milliseconds. */
const visibilityMs = 10_000;
const unansweredMs = 40_000;

const settleMs = 5000;
const cluster = (provisioningState: string): Extract<Observation, { found: true }> => ({
    found: true,
    resourceUID: "uid",
    provisioningState,
    stopped: false,
});
const look = (state: AttemptState, provisioningState: string, now: number) =>
    applyObservation(state, { cluster: cluster(provisioningState) }, now, settleMs);
const afterStart = (state: AttemptState, answer: Start["answer"], now: number) => {
    const responses: Record<Start["answer"], Start> = {
        accepted: { answer: "accepted" },
        busy: { answer: "busy", message: "in progress", waitSeconds: 5 },
        none: { answer: "none", error: new Error("none came") },
    };
    return applyStartResponse(state, responses[answer], now, new Date(now));
};

describe("the state of an attempt", () => {
    it("counts a failure once, and only of a rotation that was accepted", () => {
        assert.equal(look(initialState, "Failed", 0).failed, 0);
        let run = look(afterStart(initialState, "accepted", 0), "RotatingClusterCertificates", 1);
        assert.deepEqual([run.started, run.failed, run.rotationObserved], [1, 0, true]);
        run = look(look(run, "Failed", 2), "Failed", 3);
        assert.deepEqual([run.started, run.failed], [1, 1]);
    });

    it("counts a failure also where it was seen to be canceled first, and of nothing else that was", () => {
        const rotating = look(afterStart(initialState, "accepted", 0), "RotatingClusterCertificates", 1);
        assert.equal(look(look(rotating, "Canceling", 2), "Canceled", 3).failed, 1);
        assert.equal(look(look(initialState, "Canceling", 2), "Canceled", 3).failed, 0);
        assert.equal(look(look(rotating, "Upgrading", 2), "Failed", 3).failed, 0);
    });

    it("takes the state of before for that of before, until the new rotation shows or has had its time", () => {
        let run = look(look(afterStart(initialState, "accepted", 0), "RotatingClusterCertificates", 1), "Failed", 2);
        run = look(afterStart(run, "accepted", 3), "Failed", 4);
        assert.deepEqual([run.started, run.failed, run.acceptedNotVisible], [2, 1, true]);
        assert.equal(look(run, "Failed", 3 + visibilityMs).failed, 2);
        assert.equal(look(look(run, "RotatingClusterCertificates", 5), "Canceled", 6).failed, 2);
    });

    it("has settled when it has been in one final state for the settle timeout without a break", () => {
        for (const state of ["Succeeded", "Failed", "Canceled"]) {
            const run = look(initialState, state, 0);
            assert.equal(look(run, state, settleMs - 1).settleTimeoutElapsed, false);
            assert.equal(look(run, state, settleMs).settleTimeoutElapsed, true);
            assert.equal(look(look(run, "Updating", 1), state, settleMs).settleTimeoutElapsed, false);
            assert.equal(look(afterStart(run, "accepted", 1), state, settleMs).settleTimeoutElapsed, false);
        }
        assert.equal(look(look(initialState, "Failed", 0), "Succeeded", settleMs).settleTimeoutElapsed, false);
    });

    it("does not count the state of before a rotation that was accepted as settled", () => {
        const run = look(afterStart(initialState, "accepted", 0), "Succeeded", 1);
        const shown = look(run, "Succeeded", visibilityMs);
        assert.equal(shown.settleTimeoutElapsed, false);
        assert.equal(look(shown, "Succeeded", visibilityMs + settleMs).settleTimeoutElapsed, true);
    });

    it("waits for a request without an answer until it shows, or is lost", () => {
        const run = afterStart(initialState, "none", 0);
        assert.equal(look(run, "Succeeded", unansweredMs - 1).startUnanswered, true);
        assert.equal(look(run, "Succeeded", unansweredMs).startUnanswered, false);
        assert.equal(run.unansweredStarts, 1);
        const arrived = look(run, "RotatingClusterCertificates", 1);
        assert.deepEqual([arrived.unansweredStarts, arrived.started], [0, 1]);
        assert.equal(look(arrived, "Succeeded", unansweredMs).startUnanswered, false);
    });

    it("allows ten start requests a minute where Azure refuses them for the time being, then fewer, and at least one a minute", () => {
        let state = initialState;
        const times: number[] = [];
        for (let now = 0; now < 600_000; now = state.notBefore) {
            times.push(now);
            state = afterStart(state, "busy", now);
        }
        assert.deepEqual(times.slice(0, 5), [0, 6000, 18_000, 42_000, 90_000]);
        assert.ok(times.slice(5).every((time, i) => time - (times[i + 4] ?? 0) === 60_000));
        const longer = applyStartResponse(
            initialState,
            { answer: "busy", message: "", waitSeconds: 90 },
            0,
            new Date(0),
        );
        assert.equal(longer.notBefore, 90_000, "a longer delay that Azure names counts");
        assert.equal(afterStart(state, "accepted", 0).busyResponses, 0);
    });

    it("puts off the second and the third start where Azure lacks capacity", () => {
        const capacity: OperationError = { kind: "capacity", message: "none", text: "none" };
        const failed = (times: number) => ({ ...initialState, started: times, failed: times });
        assert.equal(applyFailure(failed(1), capacity, 1000).notBefore, 1000 + 5 * 60_000);
        assert.equal(applyFailure(failed(2), capacity, 1000).notBefore, 1000 + 15 * 60_000);
        const other = applyFailure(failed(1), { ...capacity, kind: "other" }, 1000);
        assert.equal(other.notBefore, initialState.notBefore);
        assert.deepEqual(other.failure, { failed: 1, error: { ...capacity, kind: "other" } });
    });

    it("asks Azure once why each of its rotations failed, where it knows the operation", () => {
        const accepted = { at: new Date(0), operation: "https://arm.example/operations/1" };
        const failed = { ...initialState, failed: 1, accepted };
        assert.equal(isFailureUnknown(failed), true);
        assert.equal(isFailureUnknown(applyFailure(failed, undefined, 0)), false);
        assert.equal(isFailureUnknown({ ...applyFailure(failed, undefined, 0), failed: 2 }), true);
        assert.equal(isFailureUnknown({ ...failed, accepted: { at: new Date(0) } }), false);
        assert.equal(isFailureUnknown({ ...failed, failed: 0 }), false);
    });

    it("knows a rotation that was canceled, whoever started it, from another operation that was", () => {
        const rotating = look(initialState, "RotatingClusterCertificates", 0);
        assert.equal(look(look(rotating, "Canceling", 1), "Canceled", 2).rotationCanceled, true);
        assert.equal(look(rotating, "Canceled", 1).rotationCanceled, true);
        assert.equal(look(look(rotating, "Succeeded", 1), "Canceled", 2).rotationCanceled, false);
        assert.equal(look(look(initialState, "Upgrading", 0), "Canceled", 1).rotationCanceled, false);
        assert.equal(look(initialState, "Canceled", 0).rotationCanceled, false);
    });

    it("gives AKS a minute to reconcile a failed cluster, without a break", () => {
        const failed = look(initialState, "Failed", 0);
        assert.equal(look(failed, "Failed", 59_999).reconcileTimeElapsed, false);
        assert.equal(look(failed, "Failed", 60_000).reconcileTimeElapsed, true);
        assert.equal(look(look(failed, "Updating", 1), "Failed", 60_000).reconcileTimeElapsed, false);
    });

    it("never forgets that a new CA has signed the API server's certificate", () => {
        const seen = (state: AttemptState, signedByEarlierCa: boolean | undefined, now = 0) =>
            applyObservation(state, { cluster: { ...cluster("Succeeded"), signedByEarlierCa } }, now, settleMs);
        const changed = seen(seen(initialState, false), true);
        assert.equal(changed.newServerCaSeen, true);
        assert.equal(seen(initialState, undefined).newServerCaSeen, false);
        assert.equal(applyServerCa(initialState, "new").newServerCaSeen, true);
        const old = seen(seen(initialState, true, 5), true, 9);
        assert.equal(old.earlierServerCaSince, 5);
        assert.equal(seen(old, undefined, 10).earlierServerCaSince, undefined);
    });

    it("trusts the watch of the API server until something may have begun", () => {
        const confirmed = applyServerCa(look(initialState, "Succeeded", 0), "confirmed");
        assert.equal(confirmed.serverCaConfirmed, true);
        assert.equal(look(confirmed, "Succeeded", 1).serverCaConfirmed, true);
        assert.equal(look(confirmed, "Updating", 1).serverCaConfirmed, false);
        for (const answer of ["accepted", "busy", "none"] as const) {
            assert.equal(afterStart(confirmed, answer, 1).serverCaConfirmed, false);
        }
        for (const finding of ["new", "unclear"] as const) {
            assert.equal(applyServerCa(initialState, finding).serverCaConfirmed, false);
        }
    });

    it("keeps a delay that Azure names with a busy answer, and is not changed by a cluster that is gone", () => {
        const named = { notBefore: 6000, busyResponses: 1, requestedAt: new Date(0), finalState: undefined };
        assert.deepEqual(afterStart(initialState, "busy", 0), { ...initialState, ...named });
        const gone = applyObservation(initialState, { cluster: { found: false } }, 0, settleMs);
        assert.deepEqual(gone, { ...initialState, firstCredentials: undefined });
    });
});
