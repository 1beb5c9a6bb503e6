import assert from "node:assert/strict";
import { type AttemptState, initialState } from "../../rotator/attempt-state";
import { nextPollDelayMs, requestTimeoutMs, settleEndsAt } from "../../rotator/deadlines";
import type { Action } from "../../rotator/decide";
import { paceMs } from "../../rotator/pace";

const deadlines = { runEndsAt: 1_000_000, settleTimeoutMs: 20_000 };
const waitFor = (what: Extract<Action, { do: "wait" }>["for"]): Action => ({ do: "wait", for: what });

describe("the end of a wait", () => {
    const settled: AttemptState = { ...initialState, finalState: { name: "Succeeded", since: 1000 } };

    it("is one settle timeout after the cluster was ready, or after the verification began", () => {
        assert.equal(settleEndsAt(deadlines, settled, waitFor("credentials")), 21_000);
        assert.equal(settleEndsAt(deadlines, { ...settled, verifyingSince: 5000 }, undefined), 25_000);
    });

    it("is none where nothing of the cluster is waited for, or it is not ready", () => {
        for (const action of [waitFor("rotation"), waitFor("reconciliation"), { do: "rotate" } as const, undefined]) {
            assert.equal(settleEndsAt(deadlines, settled, action), undefined);
        }
        assert.equal(settleEndsAt(deadlines, initialState, waitFor("credentials")), undefined);
    });
});

describe("the time for a request", () => {
    it("is a minute, or what it is given", () => {
        assert.equal(requestTimeoutMs(deadlines, undefined, 0), 60_000);
        assert.equal(requestTimeoutMs(deadlines, undefined, 0, 5000), 5000);
        assert.equal(requestTimeoutMs(deadlines, undefined, 0, 90_000), 90_000);
    });

    it("ends with the run, half a second after the wait, and is never zero", () => {
        assert.equal(requestTimeoutMs(deadlines, undefined, 999_000), 1000);
        assert.equal(requestTimeoutMs(deadlines, 21_000, 20_000), 1500);
        assert.equal(requestTimeoutMs(deadlines, 2_000_000, 999_000), 1000);
        assert.equal(requestTimeoutMs(deadlines, undefined, 1_000_001), 1);
    });
});

describe("the delay before the next observation", () => {
    const delay = (action: Action, settleEnd: number | undefined, now: number, notBefore = 0, waitedMs = 0) =>
        nextPollDelayMs(deadlines, settleEnd, now, { waitedMs, action, notBefore });

    it("grows with the wait, and is five seconds while AKS may reconcile the cluster", () => {
        assert.equal(delay(waitFor("rotation"), undefined, 0), paceMs(0));
        assert.equal(delay(waitFor("rotation"), undefined, 0, 0, 600_000), paceMs(600_000));
        assert.equal(delay(waitFor("reconciliation"), undefined, 0, 0, 600_000), 5000);
        assert.equal(delay(waitFor("reconciliation"), undefined, 0), 5000);
    });

    it("lasts until a start request may be sent again, but no longer than fifteen seconds", () => {
        assert.equal(delay({ do: "rotate" }, undefined, 0, 9000), 9000);
        assert.equal(delay({ do: "rotate" }, undefined, 0, 90_000), 15_000);
        assert.equal(delay(waitFor("operation"), undefined, 0, 90_000), paceMs(0));
    });

    it("never reaches past the end of the run, or of the wait", () => {
        assert.equal(delay(waitFor("credentials"), 21_000, 20_900, 0, 600_000), 100);
        assert.equal(delay(waitFor("credentials"), 21_000, 21_000, 0, 600_000), paceMs(600_000));
        assert.equal(delay(waitFor("credentials"), 2_000_000, 999_900, 0, 600_000), 100);
        assert.equal(delay(waitFor("rotation"), undefined, 999_900, 0, 600_000), 100);
        assert.equal(delay(waitFor("rotation"), undefined, 1_000_001), 0);
    });
});
