import type { AttemptState } from "./attempt-state";
import type { Action } from "./decide";
import { paceMs } from "./pace";

/** How long one request to Azure may take, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 60_000;

/** The delay between two observations of a Failed cluster that AKS may reconcile by itself, in milliseconds. */
const RECONCILIATION_POLL_MS = 5_000;

/** The longest delay between two observations before a start request that Azure has put off, in milliseconds. */
const LONGEST_POLL_MS = 15_000;

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

/** What the next observation waits for. */
export interface PollWait {
    /** For how long the run has waited for the same thing already. */
    readonly waitedMs: number;
    /** The last action. */
    readonly action: Action | undefined;
    /** No start request before this time. */
    readonly notBefore: number;
}

/** The delay before the next observation. It never reaches past the end of the run or of the present wait. */
export function nextPollDelayMs(
    { runEndsAt }: Deadlines,
    settleEnd: number | undefined,
    now: number,
    { waitedMs, action, notBefore }: PollWait,
): number {
    const end = settleEnd !== undefined && settleEnd > now ? settleEnd : runEndsAt;
    return Math.min(pollIntervalMs(), Math.max(0, Math.min(end, runEndsAt) - now));

    function pollIntervalMs(): number {
        if (action?.do === "wait" && action.for === "reconciliation") {
            return RECONCILIATION_POLL_MS;
        }
        const delayMs = action?.do === "rotate" ? Math.min(notBefore - now, LONGEST_POLL_MS) : 0;
        return Math.max(paceMs(waitedMs), delayMs);
    }
}
