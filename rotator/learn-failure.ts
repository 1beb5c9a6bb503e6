import type { OperationError } from "../azure/azure-errors";
import { isTransient } from "../azure/explain";
import { type AttemptState, applyFailure, isFailureUnknown } from "./attempt-state";
import type { Doing, Outside } from "./outside";

/**
 * Asks Azure why the last rotation of a run failed, where that is not known yet: what to do next depends on it.
 *
 * @param withinMs how long the request may take
 * @returns the state with the cause; as it was where Azure does not say it yet
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
    let error: OperationError | undefined;
    try {
        error = yield* ports.operationError(operation, withinMs);
    } catch (cause) {
        if (!isTransient(cause)) {
            return applyFailure(state, undefined, ports.now());
        }
    }
    // The operation's status can lag behind the cluster's: it is asked again for as long as the cause may matter.
    return error === undefined && !state.reconcileTimeElapsed ? state : applyFailure(state, error, ports.now());
}
