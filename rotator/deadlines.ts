import type { AttemptState } from "./attempt-state";
import type { Action } from "./decide";
import { paceMs } from "./pace";
import type { VerifyThrough } from "./settings";

/** How long one request to Azure may take, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** How long the API server may take to answer all questions of a verification, in milliseconds. */
export const VERIFY_TIMEOUT_MS = 10_000;

/** How long a token of Microsoft Entra ID may take, in milliseconds: `az account get-access-token` alone takes seconds. */
export const TOKEN_TIMEOUT_MS = 30_000;

/**
 * How long a verification may take, in milliseconds.
 *
 * @param needsToken whether it begins with a token of Microsoft Entra ID, which has a time of its own
 */
export function verifyTimeoutMs(verifyThrough: VerifyThrough | undefined, needsToken: boolean): number {
    // A command in the cluster begins with a pod that is to be scheduled.
    const ms = verifyThrough === "runCommand" ? REQUEST_TIMEOUT_MS : VERIFY_TIMEOUT_MS;
    return needsToken ? ms + TOKEN_TIMEOUT_MS : ms;
}

/** How long a request may outlast the wait that it belongs to, in milliseconds. */
const GRACE_MS = 500;

/** The times at which one run of the rotator must end, all on the clock of its ports, in milliseconds. */
export interface Deadlines {
    /** When `timeout` ends the run. */
    readonly runEndsAt: number;
    /** `settleTimeout`. */
    readonly settleTimeoutMs: number;
}

/** When the present wait for credentials or for the API server ends; undefined where the run is in no such wait. */
export function settleEndsAt(
    { settleTimeoutMs }: Deadlines,
    { verifyingSince, finalState }: AttemptState,
    lastAction: Action | undefined,
): number | undefined {
    if (verifyingSince !== undefined) {
        return verifyingSince + settleTimeoutMs;
    }
    const waitsForCredentials = lastAction?.do === "wait" && lastAction.for === "credentials";
    return waitsForCredentials && finalState !== undefined ? finalState.since + settleTimeoutMs : undefined;
}

/** How long a request that starts at `now` may take: no longer than is left for the run, and for the present wait. */
export function requestTimeoutMs(
    { runEndsAt }: Deadlines,
    settleEnd: number | undefined,
    now: number,
    limitMs = REQUEST_TIMEOUT_MS,
): number {
    const end = Math.min(runEndsAt, (settleEnd ?? Number.POSITIVE_INFINITY) + GRACE_MS);
    return Math.max(1, Math.min(limitMs, end - now));
}

/**
 * The delay before the next observation. It never reaches past the end of the run or of the present wait.
 *
 * @param waitedMs for how long the run has waited for the same thing already
 */
export function nextPollDelayMs(
    { runEndsAt }: Deadlines,
    settleEnd: number | undefined,
    now: number,
    waitedMs: number,
): number {
    const end = settleEnd !== undefined && settleEnd > now ? settleEnd : runEndsAt;
    return Math.min(paceMs(waitedMs), Math.max(0, Math.min(end, runEndsAt) - now));
}
