import { isTransient } from "../azure/explain";
import { type AttemptState, applyFailure, isFailureUnknown } from "./attempt-state";
import type { Doing, Outside } from "./outside";

/**
 * Asks Azure why the last rotation of a run failed, where that is not known yet: what to do next depends on it.
 *
 * @param withinMs how long the request may take
 * @returns the state with the cause; as it was where Azure can be asked again later
 * @throws what the ports throw, where nothing can be decided without the cause
 */
export function* learnFailure<Wait>(
    ports: Pick<Outside<Wait>, "now" | "operationError">,
    state: AttemptState,
    withinMs: number,
): Doing<Wait, AttemptState> {
    const operation = state.accepted?.operation;
    if (!isFailureUnknown(state) || operation === undefined) {
        return state;
    }
    try {
        return applyFailure(state, yield* ports.operationError(operation, withinMs), ports.now());
    } catch (error) {
        if (!isTransient(error) || state.reconcileTimeElapsed) {
            return applyFailure(state, undefined, ports.now());
        }
        if (state.rotationCanceled) {
            // Whether a person has canceled it decides about everything else.
            throw error;
        }
        return state;
    }
}
