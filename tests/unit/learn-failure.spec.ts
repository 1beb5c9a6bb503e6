import assert from "node:assert/strict";
import { RestError } from "@azure/core-rest-pipeline";
import { type AttemptState, initialState } from "../../rotator/attempt-state";
import { learnFailure } from "../../rotator/learn-failure";
import { ScriptedOutside, seeThrough } from "./scripted-outside";

const failed: AttemptState = {
    ...initialState,
    started: 1,
    failed: 1,
    accepted: { at: new Date(0), operation: "https://arm.example/operations/1" },
};

function learn(answer: ReturnType<ScriptedOutside["onOperationError"]>, state: AttemptState): AttemptState {
    const ports = new ScriptedOutside();
    ports.onOperationError = () => answer;
    return seeThrough(learnFailure(ports, state, 1000));
}

describe("the cause of a rotation that failed", () => {
    const busy = new RestError("busy", { statusCode: 503 });

    it("is asked for again later where Azure cannot say it for a while, and the cluster may still come back", () => {
        assert.equal(learn(busy, failed), failed);
        assert.deepEqual(learn(busy, { ...failed, reconcileTimeElapsed: true }).failure, {
            failed: 1,
            error: undefined,
        });
    });

    it("stays unknown where Azure does not say it for good", () => {
        const gone = new RestError("gone", { statusCode: 404 });
        assert.deepEqual(learn(gone, failed).failure, { failed: 1, error: undefined });
        assert.deepEqual(learn(gone, { ...failed, rotationCanceled: true }).failure, { failed: 1, error: undefined });
    });

    it("is not asked for where nothing has failed, or it is known", () => {
        const never = new Error("is not asked for");
        assert.equal(learn(never, { ...failed, failed: 0 }).failure, undefined);
        const known = { ...failed, failure: { failed: 1 } };
        assert.equal(learn(never, known), known);
    });
});
