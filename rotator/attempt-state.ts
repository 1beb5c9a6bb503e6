import type { OperationError } from "../azure/azure-errors";
import type { Start } from "../azure/cluster";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { Observation } from "./observation";
import type { Look } from "./observe";
import { isCanceling, isFinal, isRotating } from "./provisioning-state";
import type { StartFinding } from "./start-probe";
import type { Accepted } from "./support-facts";

/**
 * What one run of the rotator knows so far. `decide` reads it; only the functions of this file make the next one. All
 * times are milliseconds of one clock that only goes forward.
 */
export interface AttemptState {
    /** Rotations of this run that Azure accepted. */
    readonly started: number;
    /** Those of them that ended Failed or Canceled. */
    readonly failed: number;
    /** A rotation of this run may still be under way: Azure accepted it, and no observation has shown its end. */
    readonly ownRotationInFlight: boolean;
    /** Start requests without an answer that were not seen to have been accepted. */
    readonly unansweredStarts: number;
    /** A rotation, of this run or another, was seen under way. */
    readonly rotationObserved: boolean;
    /** A start request is without an answer, and too recent to count as lost. */
    readonly startUnanswered: boolean;
    /** No rotation has been seen since that request. */
    readonly awaitingVisibility: boolean;
    /** The cluster still shows how an earlier operation ended: the rotation that was accepted is too recent to be shown. */
    readonly acceptedNotVisible: boolean;
    /** `settleTimeout` has passed since nothing is under way any more. */
    readonly settleTimeoutElapsed: boolean;
    /** The cluster has been Failed for so long that AKS does not bring it back by itself any more. */
    readonly reconcileTimeElapsed: boolean;
    /** The last observation has shown a rotation, of this run or another, under way or being canceled. */
    readonly rotationInFlight: boolean;
    /** A rotation that was seen under way in this run, or that it has started, has ended Canceled. */
    readonly rotationCanceled: boolean;
    /** A handshake of this run has shown that a CA has signed the API server's certificate which was not in force before. */
    readonly newServerCaSeen: boolean;
    /** The API server was watched, and showed no new CA; nothing was seen under way since. */
    readonly serverCaConfirmed: boolean;
    /** The cluster's eTag when it was last seen. */
    readonly eTag?: string | undefined;
    /** Since when every observation has shown nothing under way, and a certificate that a CA of before has signed. */
    readonly earlierServerCaSince?: number | undefined;
    /** Why the last rotation of this run failed; undefined where none has failed, or Azure has not said it. */
    readonly failure?: { readonly failed: number; readonly error?: OperationError | undefined } | undefined;
    /** How often in a row Azure has refused a start request for the time being. */
    readonly busyResponses: number;
    /** The final provisioning state, and since when it is this one. */
    readonly finalState?: { readonly name: string; readonly since: number } | undefined;
    /** When Azure accepted a rotation that was not seen under way yet. */
    readonly acceptedAt?: number | undefined;
    /** When a start request remained without an answer. */
    readonly unansweredAt?: number | undefined;

    /** The time of day of the last start request. */
    readonly requestedAt?: Date | undefined;
    /** The last rotation of this run that Azure accepted. */
    readonly accepted?: Accepted | undefined;
    /** No start request before this time: Azure has named a delay. */
    readonly notBefore: number;
    /** The provisioning state that was seen last, and since when it is this one. */
    readonly provisioningState?: { readonly name: string; readonly since: number } | undefined;
    /** The API server has answered a handshake in this run. */
    readonly apiServerReached: boolean;
    /** The first credentials that this run has read: those of before its rotation. */
    readonly firstCredentials?: Kubeconfig | undefined;
    /** When the verification of a rotation was first tried, since the cluster was last seen to be ready for it. */
    readonly verifyingSince?: number | undefined;
}

/** The state of a run at its beginning. */
export const initialState: AttemptState = {
    started: 0,
    failed: 0,
    ownRotationInFlight: false,
    unansweredStarts: 0,
    rotationObserved: false,
    startUnanswered: false,
    awaitingVisibility: false,
    acceptedNotVisible: false,
    settleTimeoutElapsed: false,
    reconcileTimeElapsed: false,
    rotationInFlight: false,
    rotationCanceled: false,
    newServerCaSeen: false,
    serverCaConfirmed: false,
    busyResponses: 0,
    notBefore: Number.NEGATIVE_INFINITY,
    apiServerReached: false,
};

/** How long Azure may take to show a rotation that it has accepted, in milliseconds. */
export const VISIBILITY_DELAY_MS = 10_000;

/**
 * How long a start request without an answer counts as possibly accepted, in milliseconds: the request may be on its way
 * for half a minute, and what it begins is not shown at once.
 */
export const UNANSWERED_START_MS = 30_000 + VISIBILITY_DELAY_MS;

/**
 * How long a Failed cluster is looked at before a rotation is started again, in milliseconds: AKS reconciles a failed
 * cluster by itself, and can bring the rotation that has failed to its end.
 */
export const RECONCILE_TIME_MS = 60_000;

/** The delay before the second and the third start where Azure lacks capacity, in milliseconds. */
const CAPACITY_DELAYS_MS = [5 * 60_000, 15 * 60_000];

/** The shortest and the longest delay after a start request that Azure refuses for the time being, in milliseconds. */
const BUSY_DELAY_MS = { first: 6_000, longest: 60_000 };

/** The state after an observation of the cluster at `now`. */
export function applyObservation(
    state: AttemptState,
    { cluster, credentials }: Pick<Look, "cluster" | "credentials">,
    now: number,
    settleTimeoutMs: number,
): AttemptState {
    const known = { ...state, firstCredentials: state.firstCredentials ?? credentials };
    if (!cluster.found) {
        return known;
    }
    const name = cluster.provisioningState;
    const rotating = isRotating(name);
    const acceptedAt = rotating ? undefined : state.acceptedAt;
    const acceptedNotVisible = acceptedAt !== undefined && now - acceptedAt < VISIBILITY_DELAY_MS;
    const ownFailed = (name === "Failed" || name === "Canceled") && state.ownRotationInFlight && !acceptedNotVisible;
    const isUntouched = name === state.provisioningState?.name && cluster.eTag === state.eTag;
    // A rotation can have begun and ended unseen between two observations with different eTags.
    const since = state.finalState?.name === name && isUntouched ? state.finalState.since : now;
    // While an accepted rotation is not visible yet, the state shown is that of before it, and ends nothing.
    const finalState = isFinal(name) && !acceptedNotVisible ? { name, since } : undefined;
    const startUnanswered = state.unansweredAt !== undefined && now - state.unansweredAt < UNANSWERED_START_MS;
    // A rotation that begins right after a start request without an answer came from that request.
    const arrived = rotating && state.awaitingVisibility ? 1 : 0;
    return {
        ...known,
        started: state.started + arrived,
        unansweredStarts: state.unansweredStarts - arrived,
        failed: state.failed + (ownFailed ? 1 : 0),
        rotationObserved: state.rotationObserved || rotating,
        ownRotationInFlight:
            arrived > 0 || (state.ownRotationInFlight && (rotating || acceptedNotVisible || isCanceling(name))),
        awaitingVisibility: state.awaitingVisibility && !rotating && startUnanswered,
        startUnanswered,
        acceptedNotVisible,
        settleTimeoutElapsed: finalState !== undefined && now - finalState.since >= settleTimeoutMs,
        finalState,
        acceptedAt,
        unansweredAt: startUnanswered ? state.unansweredAt : undefined,
        reconcileTimeElapsed: finalState !== undefined && now - finalState.since >= RECONCILE_TIME_MS,
        rotationCanceled: state.rotationCanceled || (name === "Canceled" && (ownFailed || state.rotationInFlight)),
        rotationInFlight: rotating || (state.rotationInFlight && isCanceling(name)),
        newServerCaSeen: state.newServerCaSeen || cluster.signedByEarlierCa === false,
        serverCaConfirmed: state.serverCaConfirmed && isFinal(name) && isUntouched,
        // What was seen before a change of the cluster counts for nothing: a rotation can have ended in between.
        earlierServerCaSince:
            cluster.signedByEarlierCa === true
                ? ((isUntouched ? state.earlierServerCaSince : undefined) ?? now)
                : undefined,
        eTag: cluster.eTag,
        accepted: arrived > 0 ? state.requestedAt && { at: state.requestedAt } : state.accepted,
        apiServerReached: state.apiServerReached || isAnswer(cluster),
        provisioningState: name === state.provisioningState?.name ? state.provisioningState : { name, since: now },
    };
}

/** The state after the response, at `now`, to a start request that was sent at `requestedAt`. */
export function applyStartResponse(state: AttemptState, response: Start, now: number, requestedAt: Date): AttemptState {
    switch (response.answer) {
        case "accepted":
            return {
                ...state,
                requestedAt,
                started: state.started + 1,
                ownRotationInFlight: true,
                serverCaConfirmed: false,
                busyResponses: 0,
                acceptedAt: now,
                acceptedNotVisible: true,
                finalState: undefined,
                settleTimeoutElapsed: false,
                accepted: { at: requestedAt, operation: response.operation, correlationId: response.correlationId },
            };
        case "busy":
            return {
                ...state,
                requestedAt,
                // What refuses the start can be a rotation that is not visible yet, and without an eTag stays unseen.
                finalState: state.eTag === undefined ? undefined : state.finalState,
                serverCaConfirmed: false,
                busyResponses: state.busyResponses + 1,
                notBefore: now + Math.max((response.waitSeconds ?? 0) * 1000, busyDelayMs(state.busyResponses)),
            };
        case "none":
            return {
                ...state,
                requestedAt,
                unansweredStarts: state.unansweredStarts + 1,
                unansweredAt: now,
                startUnanswered: true,
                awaitingVisibility: true,
                // What is shown afterwards can be the end of the rotation that the request has started.
                finalState: undefined,
                serverCaConfirmed: false,
            };
    }
}

/** The state after Azure was asked at `now` why the last rotation of this run failed; undefined where it does not say. */
export function applyFailure(state: AttemptState, error: OperationError | undefined, now: number): AttemptState {
    const delayMs = error?.kind === "capacity" ? CAPACITY_DELAYS_MS[state.failed - 1] : undefined;
    return {
        ...state,
        failure: { failed: state.failed, error },
        notBefore: delayMs === undefined ? state.notBefore : Math.max(state.notBefore, now + delayMs),
    };
}

/** Whether Azure can be asked why the last rotation of this run failed, and has not said it yet. */
export function isFailureUnknown({ failed, failure, accepted }: AttemptState): boolean {
    return failed > 0 && failure?.failed !== failed && accepted?.operation !== undefined;
}

/** The state after the API server was watched before a start request. */
export function applyServerCa(state: AttemptState, finding: StartFinding): AttemptState {
    const { newServerCaSeen } = state;
    return {
        ...state,
        newServerCaSeen: newServerCaSeen || finding === "new",
        serverCaConfirmed: finding === "confirmed",
    };
}

/**
 * The state after a decision: the verification counts as begun at `since`; undefined ends it.
 *
 * A verification that was begun keeps its beginning, so that one settle timeout bounds all its tries.
 */
export function applyVerification(state: AttemptState, since: number | undefined): AttemptState {
    return { ...state, verifyingSince: since === undefined ? undefined : (state.verifyingSince ?? since) };
}

/** Whether one rotation of this run is in effect: Azure accepted it, and it was not seen to fail. */
export function hasEffectiveRotation({ started, failed }: Pick<AttemptState, "started" | "failed">): boolean {
    return started > failed;
}

/** At most ten start requests a minute, and fewer the longer Azure refuses them. */
function busyDelayMs(refusals: number): number {
    return Math.min(BUSY_DELAY_MS.first * 2 ** refusals, BUSY_DELAY_MS.longest);
}

function isAnswer({ apiServer }: Extract<Observation, { found: true }>): boolean {
    return apiServer === "sameCa" || apiServer === "anotherCa";
}
