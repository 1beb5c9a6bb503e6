import assert from "node:assert/strict";
import type { Start } from "../../azure/cluster";
import { type AttemptState, applyObservation, applyStartResponse, initialState } from "../../rotator/attempt-state";
import type { Observation } from "../../rotator/observation";

/** How long Azure may take to show what it accepted, and to receive a request that it did not answer, in milliseconds. */
const visibilityMs = 10_000;
const unansweredMs = 40_000;

const settleMs = 5000;
const cluster = (provisioningState: string): Observation => ({
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

    it("keeps a delay that Azure names with a busy answer, and is not changed by a cluster that is gone", () => {
        const named = { notBefore: 5000, requestedAt: new Date(0) };
        assert.deepEqual(afterStart(initialState, "busy", 0), { ...initialState, ...named });
        const gone = applyObservation(initialState, { cluster: { found: false } }, 0, settleMs);
        assert.deepEqual(gone, { ...initialState, firstCredentials: undefined });
    });
});
