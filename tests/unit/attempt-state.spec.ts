import assert from "node:assert/strict";
import type { OperationError } from "../../azure/azure-errors";
import type { Start } from "../../azure/cluster";
import {
    type AttemptState,
    applyFailure,
    applyObservation,
    applyServerCa,
    applyStartResponse,
    applyVerification,
    initialState,
    isFailureUnknown,
} from "../../rotator/attempt-state";
import type { Observation } from "../../rotator/observation";
import { credentials } from "./scripted-outside";

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

    it("counts a rotation that shows after a request without an answer once, as of that request, and its failure", () => {
        const at = new Date(0);
        const rotating = "RotatingClusterCertificates";
        const run = look(look(afterStart(initialState, "none", 0), rotating, 1), rotating, 2);
        assert.deepEqual([run.started, run.unansweredStarts, run.ownRotationInFlight], [1, 0, true]);
        assert.deepEqual(run.accepted, { at });
        assert.deepEqual([look(run, "Failed", 3).failed, look(run, "Succeeded", 3).failed], [1, 0]);
        const lost = look(look(afterStart(initialState, "none", 0), "Succeeded", unansweredMs), rotating, unansweredMs);
        assert.deepEqual([lost.started, lost.unansweredStarts], [0, 1], "too late to be of that request");
        assert.equal(afterStart(lost, "none", unansweredMs).unansweredStarts, 2);
    });

    it("after a request says what came of it, before anything is seen", () => {
        const settled = look(look(initialState, "Succeeded", 0), "Succeeded", settleMs);
        const requestedAt = new Date(7);
        const accepted: Start = { answer: "accepted", operation: "https://arm.example/1", correlationId: "4711" };
        assert.deepEqual(applyStartResponse(settled, accepted, 7, requestedAt), {
            ...settled,
            requestedAt,
            started: 1,
            ownRotationInFlight: true,
            acceptedAt: 7,
            acceptedNotVisible: true,
            finalState: undefined,
            settleTimeoutElapsed: false,
            accepted: { at: requestedAt, operation: "https://arm.example/1", correlationId: "4711" },
        });
        const none: Start = { answer: "none", error: new Error("none came") };
        assert.deepEqual(applyStartResponse(settled, none, 7, requestedAt), {
            ...settled,
            requestedAt,
            unansweredStarts: 1,
            unansweredAt: 7,
            startUnanswered: true,
            finalState: undefined,
            awaitingVisibility: true,
        });
    });

    it("remembers that a rotation was seen, and that its own was canceled before it was", () => {
        const seen = look(look(initialState, "RotatingClusterCertificates", 0), "Succeeded", 1);
        assert.equal(seen.rotationObserved, true);
        const canceled = look(afterStart(initialState, "accepted", 0), "Canceled", visibilityMs);
        assert.deepEqual([canceled.failed, canceled.rotationCanceled], [1, true]);
        assert.equal(look(canceled, "Failed", visibilityMs + 1).rotationCanceled, true);
    });

    it("forgets what the API server has shown once the cluster is changed, be it of its state or of its eTag", () => {
        const seen = (state: AttemptState, eTag: string, provisioningState: string, now: number) =>
            applyObservation(
                state,
                { cluster: { ...cluster(provisioningState), eTag, signedByEarlierCa: true } },
                now,
                settleMs,
            );
        const first = applyServerCa(seen(initialState, "1", "Succeeded", 5), "confirmed");
        const same = seen(first, "1", "Succeeded", 9);
        assert.deepEqual([same.serverCaConfirmed, same.earlierServerCaSince], [true, 5]);
        for (const [eTag, state] of [
            ["2", "Succeeded"],
            ["1", "Failed"],
        ] as const) {
            const changed = seen(first, eTag, state, 9);
            assert.deepEqual([changed.serverCaConfirmed, changed.earlierServerCaSince], [false, 9]);
        }
    });

    it("remembers that the API server has answered, with whatever CA, and a new CA that the watch has shown", () => {
        const answered = (apiServer: "sameCa" | "anotherCa" | "unreachable" | undefined, state = initialState) =>
            applyObservation(state, { cluster: { ...cluster("Succeeded"), apiServer } }, 0, settleMs);
        assert.equal(answered("sameCa").apiServerReached, true);
        assert.equal(answered("anotherCa").apiServerReached, true);
        assert.equal(answered("unreachable").apiServerReached, false);
        assert.equal(answered("unreachable", answered("sameCa")).apiServerReached, true);
        assert.equal(applyServerCa(applyServerCa(initialState, "new"), "confirmed").newServerCaSeen, true);
    });

    it("does not shorten a delay that Azure has named", () => {
        const failed = { ...initialState, started: 1, failed: 1, notBefore: 10 * 60_000 };
        const capacity: OperationError = { kind: "capacity", message: "none", text: "none" };
        assert.equal(applyFailure(failed, capacity, 0).notBefore, 10 * 60_000);
    });

    it("knows the credentials of before a rotation, and since when a verification has been tried", () => {
        const found = { cluster: cluster("Succeeded"), credentials: credentials("A") };
        const first = applyObservation(initialState, found, 0, settleMs);
        const later = applyObservation(first, { ...found, credentials: credentials("B") }, 1, settleMs);
        assert.equal(later.firstCredentials, found.credentials);
        const begun = applyVerification(applyVerification(initialState, 5), 9);
        assert.equal(begun.verifyingSince, 5);
        assert.equal(applyVerification(begun, undefined).verifyingSince, undefined);
    });

    it("begins the settle time anew after a busy answer where no eTag would show a rotation in between", () => {
        const settled = look(initialState, "Succeeded", 0);
        assert.equal(afterStart(settled, "busy", 1).finalState, undefined);
        assert.equal(afterStart({ ...settled, eTag: "1" }, "busy", 1).finalState, settled.finalState);
    });
});
