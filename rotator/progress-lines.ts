import type { Action } from "./decide";
import { spoken } from "./progress";
import { operationId } from "./support-facts";

/**
 * How a run begins that may have to rotate: told before the first look, so that whoever is interrupted from then on knows
 * what stands. It speaks of this run alone, since nobody has looked yet whether a rotation is under way.
 */
export function beginningLine(generation: number): string {
    return (
        `Generation ${generation} is asked for, and this run has started nothing yet. ` +
        "If it is interrupted, run pulumi up again."
    );
}

/** That Azure has accepted a rotation, and that nobody needs to be afraid of an interruption now. */
export function acceptedLine(tries: number, operation: string | undefined): string {
    const id = operationId(operation);
    const notes = [...(tries > 1 ? [`try ${tries}`] : []), ...(id === undefined ? [] : [`operation ${id}`])];
    return (
        `Azure has accepted the rotation${notes.length > 0 ? ` (${notes.join(", ")})` : ""}. It goes on by itself, even ` +
        "if this run is interrupted: the next pulumi up picks it up and does not rotate a second time."
    );
}

/** That a rotation is under way that the run has not started. */
export const anotherLine =
    "A rotation is under way that this run has not started: it is waited for, and not started again. It goes on by " +
    "itself, even if this run is interrupted: the next pulumi up picks it up.";

/** What is told right before a rotation is asked for: from then on nobody knows before Azure has answered. */
export const askingLine =
    "Asking Azure to rotate. If this run is interrupted from here on, the next pulumi up finds out what came of it.";

/** What is waited for. */
export function waitingLine(
    what: Extract<Action, { do: "wait" }>["for"],
    provisioningState: string,
    serverAnswers: boolean | undefined,
): string {
    switch (what) {
        case "rotation":
            return `The cluster is ${provisioningState}${serverAnswers === false ? "; the API server does not answer" : ""}`;
        case "operation":
            return `Waiting for another operation to end: the cluster is ${provisioningState}`;
        case "credentials":
            return `Azure says ${provisioningState}; waiting for the new credentials`;
        case "reconciliation":
            return `The cluster is ${provisioningState}; waiting up to a minute whether AKS brings it back by itself`;
        case "answer":
            return "Waiting to see what came of the request to rotate";
    }
}

/** The API server is watched before a rotation is started. */
export function watchingLine(ms: number): string {
    return (
        `Watching the API server's certificate for ${spoken(ms)}: the cluster may have changed since the rotation was asked ` +
        "for, and no second rotation may be started"
    );
}

/** A rotation has failed since Azure lacks machines. */
export function capacityLine(azureSays: string, ms: number): string {
    const minutes = Math.ceil(ms / 60_000);
    return `The rotation failed for want of capacity (${azureSays}); it is started again in ${minutes} min`;
}

/** Azure's credentials are those of before an earlier rotation. */
export const followingLine =
    "The API server has a certificate of another CA than Azure's credentials: waiting for them to follow";
