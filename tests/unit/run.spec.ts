import assert from "node:assert/strict";
import type { Observation } from "../../rotator/observation";
import { afterLook, afterStart, newRun, startingMs, unansweredMs } from "../../rotator/run";

const settleMs = 5000;
const cluster = (provisioningState: string): Observation => ({
    found: true,
    resourceUID: "uid",
    provisioningState,
    stopped: false,
});
const look = (run: Parameters<typeof afterLook>[0], state: string, now: number) =>
    afterLook(run, cluster(state), now, settleMs);

describe("a run", () => {
    it("counts a failure once, and only of a rotation that was accepted", () => {
        assert.equal(look(newRun, "Failed", 0).failed, 0);
        let run = look(afterStart(newRun, "accepted", 0), "RotatingClusterCertificates", 1);
        assert.deepEqual([run.started, run.failed, run.seen], [1, 0, true]);
        run = look(look(run, "Failed", 2), "Failed", 3);
        assert.deepEqual([run.started, run.failed], [1, 1]);
    });

    it("counts a failure also where it was seen to be canceled first, and of nothing else that was", () => {
        const rotating = look(afterStart(newRun, "accepted", 0), "RotatingClusterCertificates", 1);
        assert.equal(look(look(rotating, "Canceling", 2), "Canceled", 3).failed, 1);
        assert.equal(look(look(newRun, "Canceling", 2), "Canceled", 3).failed, 0);
        assert.equal(look(look(rotating, "Upgrading", 2), "Failed", 3).failed, 0);
    });

    it("takes the state of before for that of before, until the new rotation shows or has had its time", () => {
        let run = look(look(afterStart(newRun, "accepted", 0), "RotatingClusterCertificates", 1), "Failed", 2);
        run = look(afterStart(run, "accepted", 3), "Failed", 4);
        assert.deepEqual([run.started, run.failed, run.starting], [2, 1, true]);
        assert.equal(look(run, "Failed", 3 + startingMs).failed, 2);
        assert.equal(look(look(run, "RotatingClusterCertificates", 5), "Canceled", 6).failed, 2);
    });

    it("has settled when it has been in one final state for the settle timeout without a break", () => {
        for (const state of ["Succeeded", "Failed", "Canceled"]) {
            const run = look(newRun, state, 0);
            assert.equal(look(run, state, settleMs - 1).settled, false);
            assert.equal(look(run, state, settleMs).settled, true);
            assert.equal(look(look(run, "Updating", 1), state, settleMs).settled, false);
            assert.equal(look(afterStart(run, "accepted", 1), state, settleMs).settled, false);
        }
        assert.equal(look(look(newRun, "Failed", 0), "Succeeded", settleMs).settled, false);
    });

    it("does not count the state of before a rotation that was accepted as settled", () => {
        const run = look(afterStart(newRun, "accepted", 0), "Succeeded", 1);
        const shown = look(run, "Succeeded", startingMs);
        assert.equal(shown.settled, false);
        assert.equal(look(shown, "Succeeded", startingMs + settleMs).settled, true);
    });

    it("waits for a request without an answer until it shows, or is lost", () => {
        const run = afterStart(newRun, "none", 0);
        assert.equal(look(run, "Succeeded", unansweredMs - 1).unanswered, true);
        assert.equal(look(run, "Succeeded", unansweredMs).unanswered, false);
        assert.equal(run.lost, 1);
        const arrived = look(run, "RotatingClusterCertificates", 1);
        assert.deepEqual([arrived.lost, arrived.started], [0, 1]);
        assert.equal(look(arrived, "Succeeded", unansweredMs).unanswered, false);
    });

    it("is not changed by an answer that Azure is busy, nor by a cluster that is gone", () => {
        assert.equal(afterStart(newRun, "busy", 0), newRun);
        assert.equal(afterLook(newRun, { found: false }, 0, settleMs), newRun);
    });
});
