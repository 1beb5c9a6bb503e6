import { sameFingerprints } from "../formats/certificate";
import { type ClusterIdentity, isSameCluster } from "../formats/cluster-identity";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { type AttemptState, hasEffectiveRotation, isFailureUnknown } from "./attempt-state";
import { compareCa, isYounger } from "./earlier-ca";
import { isAsked, type Observation } from "./observation";
import { isFinal, isRotating } from "./provisioning-state";
import type { VerifyMode } from "./settings";

/** All that the decision depends on: no clock, no network. */
export interface DecisionInput {
    /** ARM id of the cluster in the stack's config, lower case. */
    clusterId: string;
    /** The operation of the Command that runs: `adopt` where it is created, `rotate` where it is updated. */
    command: "adopt" | "rotate";
    /** The generation in the stack's config. */
    generation: number;
    /** The record of the last rotation, or what is left of it; undefined where there is none. */
    record: RotationRecord | undefined;
    intent: Intent;
    verify: VerifyMode;
    cluster: Observation;
    attempt: AttemptState;
}

/** What to do next. Only `rotate` changes anything. */
export type Action =
    | { do: "adopt" }
    | { do: "noop"; record: RotationRecord }
    | { do: "wait"; for: "rotation" | "operation" | "credentials" | "answer" | "reconciliation" }
    | { do: "verify" }
    | { do: "rotate" }
    | { do: "fail"; reason: FailureReason };

/** Why nothing more can be done. */
export type FailureReason =
    | "notFound"
    | "deleting"
    | "attemptsExhausted"
    | "caChangedButFailed"
    | "startUnanswered"
    | "caUnchanged"
    | "caOverlaps"
    | "canceled"
    | "lastingFailure"
    | "stopped"
    | "unreachable"
    | "staleIntent"
    | "recordLost"
    | "newComponent"
    | "intentOutdated";

/** How often a rotation may end Failed or Canceled, or a request for one remain without an answer, in one run. */
export const MAX_ATTEMPTS = 3;

/**
 * The next step towards one rotation for the generation; the heart of the rotator. The first row that fits counts:
 *
 * 1. a Command that is updated has no record: fail, since it was lost
 * 2. there is no such cluster, or it is being deleted: fail
 * 3. the generation is on record: nothing to do
 * 4. an operation is under way: wait for its end; nothing is concluded before that, not even which cluster it is
 * 5. no record, or that of another cluster: adopt
 * 6. the intent is for a lower generation, or another cluster: fail
 * 7. a Command that is created, with its first intent, has a record of a lower generation in the cluster: fail, since a
 *    component that the stack has by another name or parent can still rotate for the same raise
 * 8. the intent was taken anew, of another CA than the record's: fail, for the same reason
 * 9. a start request is without an answer: wait for what comes of it
 * 10. Failed, Canceled: see {@link decideAfterFailure}
 * 11. Succeeded: see {@link decideAfterSuccess}
 */
export function decide(input: DecisionInput): Action {
    const { clusterId, command, generation, record, intent, verify, cluster, attempt } = input;
    if (command === "rotate" && record === undefined) {
        return fail("recordLost");
    }
    if (!cluster.found) {
        return fail("notFound");
    }
    const { provisioningState, resourceUID } = cluster;
    if (provisioningState === "Deleting") {
        return fail("deleting");
    }
    const isOnRecord =
        record !== undefined &&
        isSameCluster(record, { clusterId, resourceUID }) &&
        !isOfEarlierCluster(record, intent, { clusterId, resourceUID });
    if (isOnRecord && generation <= record.generation) {
        return { do: "noop", record };
    }
    if (!isFinal(provisioningState)) {
        return { do: "wait", for: isRotating(provisioningState) ? "rotation" : "operation" };
    }
    if (!isOnRecord) {
        return unreachable(cluster, verify) ?? { do: "adopt" };
    }
    if (intent.generation < generation || !isSameCluster(intent, { clusterId, resourceUID })) {
        return fail("staleIntent");
    }
    const isFirstIntent = intent.earlierGeneration === undefined;
    if (command === "adopt" && isFirstIntent) {
        return fail("newComponent");
    }
    if (command === "rotate" && isFirstIntent && isIntentTakenAnew(record, intent)) {
        return fail("intentOutdated");
    }
    if (attempt.startUnanswered) {
        return { do: "wait", for: "answer" };
    }
    const evidence = evidenceOf(input, cluster);
    return provisioningState === "Succeeded"
        ? decideAfterSuccess(input, cluster, evidence)
        : decideAfterFailure(input, cluster, evidence);
}

type Found = Extract<Observation, { found: true }>;

/** What shows whether a rotation has happened since the generation was asked for. */
interface Evidence {
    /** A CA that was not in force before has signed the API server's certificate, or is all that Azure's credentials have. */
    rotated: boolean;
    /** The credentials have a new CA. */
    credentialsFollow: boolean;
    /** The credentials have a CA of before, and are not those of before: a bundle grew or shrank, or a rotation shows. */
    overlaps: boolean;
    /** Something has changed the cluster since the generation was asked for, or that is not known. */
    mayHaveRotated: boolean;
    /** The same, and the API server does not show that its CA is still one of before. */
    mayHaveNewCa: boolean;
    /** The credentials can be those of before a rotation: the cluster was changed, and its API server does not show its CA. */
    mayLag: boolean;
}

function evidenceOf({ record, intent, verify, attempt }: DecisionInput, cluster: Found): Evidence {
    const { isUnchanged, hasEarlier, hasNew } = compareCa(
        cluster.caFingerprints ?? intent.caFingerprints,
        intent,
        record,
    );
    // Azure changes the eTag with the cluster. Where it gives none, the cluster may have been changed.
    const isUntouched = intent.eTag !== undefined && intent.eTag === cluster.eTag;
    const isRotationKnown = hasEffectiveRotation(attempt) || attempt.rotationObserved;
    return {
        rotated: attempt.newServerCaSeen || !hasEarlier,
        credentialsFollow: hasNew,
        overlaps: hasEarlier && !isUnchanged,
        mayHaveRotated: isRotationKnown || !isUntouched,
        mayHaveNewCa: isRotationKnown || (!isUntouched && cluster.signedByEarlierCa !== true),
        mayLag: cluster.apiServer !== "sameCa" && !isUntouched && cannotVerify(cluster, verify) === undefined,
    };
}

/**
 * The step at a cluster that is Succeeded:
 *
 * 1. the rotation that was accepted is not visible yet, and the API server was not asked: wait
 * 2. rotated: verify, as soon as the credentials follow
 * 3. the credentials overlap with those of before: wait; then fail where a rotation may have happened, else start
 * 4. a rotation of this run is in effect, or the API server does not match the credentials: wait for the credentials
 * 5. the credentials may lag behind a rotation: wait for them
 * 6. start a rotation
 */
function decideAfterSuccess(input: DecisionInput, cluster: Found, evidence: Evidence): Action {
    const { attempt } = input;
    const { rotated, credentialsFollow, overlaps, mayHaveNewCa, mayLag } = evidence;
    const wait: Action = { do: "wait", for: attempt.acceptedNotVisible ? "answer" : "credentials" };
    if (attempt.acceptedNotVisible && !isAsked(cluster)) {
        // A new CA in the credentials can be that of an earlier rotation.
        return wait;
    }
    if (rotated) {
        return credentialsFollow ? { do: "verify" } : settled(attempt, wait, fail("caUnchanged"));
    }
    if (overlaps) {
        return settled(attempt, wait, mayHaveNewCa ? fail("caOverlaps") : start(input, cluster));
    }
    if (hasEffectiveRotation(attempt) || cluster.apiServer === "anotherCa") {
        return settled(attempt, wait, fail("caUnchanged"));
    }
    return attempt.rotationObserved || mayLag ? settled(attempt, wait, start(input, cluster)) : start(input, cluster);
}

/**
 * The step at a cluster that is Failed or Canceled:
 *
 * 1. the rotation that was accepted is not visible yet: wait
 * 2. rotated: fail, since nobody knows whether the failure came before, with or after the new CA
 * 3. a rotation was canceled, and not for another operation: fail, since a person has stopped it
 * 4. the rotation failed for a cause that lasts, or for the third time: fail (both also where the cluster is Succeeded since)
 * 5. Failed, and AKS may still reconcile it: wait
 * 6. the credentials overlap with those of before, or may lag: as for Succeeded
 * 7. start a rotation
 */
function decideAfterFailure(input: DecisionInput, cluster: Found, evidence: Evidence): Action {
    const { attempt } = input;
    const { rotated, overlaps, mayHaveRotated, mayHaveNewCa, mayLag } = evidence;
    const wait: Action = { do: "wait", for: "credentials" };
    if (attempt.acceptedNotVisible) {
        return { do: "wait", for: "answer" };
    }
    if (rotated || cluster.apiServer === "anotherCa") {
        return fail("caChangedButFailed");
    }
    const final = finalFailure(attempt);
    if (final !== undefined) {
        return final;
    }
    if (cluster.provisioningState === "Failed" && mayHaveRotated && !attempt.reconcileTimeElapsed) {
        return { do: "wait", for: "reconciliation" };
    }
    if (overlaps) {
        return settled(attempt, wait, mayHaveNewCa ? fail("caOverlaps") : start(input, cluster));
    }
    return mayLag ? settled(attempt, wait, start(input, cluster)) : start(input, cluster);
}

/** Waits for as long as `settleTimeout` allows. */
function settled({ settleTimeoutElapsed }: AttemptState, wait: Action, then: Action): Action {
    return settleTimeoutElapsed ? then : wait;
}

/**
 * What ends a run for good once a rotation was canceled or has failed in it, whatever the cluster shows since; undefined
 * where it may be started again.
 */
function finalFailure(attempt: AttemptState): Action | undefined {
    if (attempt.rotationCanceled && isFailureUnknown(attempt)) {
        // Whether a person or AKS itself has canceled it decides.
        return { do: "wait", for: "reconciliation" };
    }
    const cause = attempt.failure?.failed === attempt.failed ? attempt.failure.error?.kind : undefined;
    if (attempt.rotationCanceled && cause !== "preempted") {
        return fail("canceled");
    }
    if (cause === "lasting") {
        return fail("lastingFailure");
    }
    return attempt.failed >= MAX_ATTEMPTS ? fail("attemptsExhausted") : undefined;
}

/** Whether an intent that replaces none is of another CA than the record of before it: its Command was created anew. */
function isIntentTakenAnew(record: RotationRecord, intent: Intent): boolean {
    return !sameFingerprints(record.caAfter, intent.caFingerprints) && !isYounger(record, intent);
}

/**
 * Whether a record that does not say of which cluster it is comes from one that was deleted since: the intent does say it,
 * and the cluster of now is another one.
 */
function isOfEarlierCluster(record: RotationRecord, intent: Intent, cluster: ClusterIdentity): boolean {
    return !isSameCluster(intent, cluster) && isSameCluster(record, intent) && intent.clusterId === cluster.clusterId;
}

/**
 * Nothing is started after a failure that is final, or that could not be verified in the end, if it must be, nor a fourth
 * time without an answer.
 */
function start({ verify, attempt }: DecisionInput, cluster: Found): Action {
    return (
        finalFailure(attempt) ??
        cannotVerify(cluster, verify) ??
        (attempt.unansweredStarts < MAX_ATTEMPTS ? { do: "rotate" } : fail("startUnanswered"))
    );
}

function cannotVerify(cluster: Found, verify: VerifyMode): Action | undefined {
    return cluster.stopped && verify === "required" ? fail("stopped") : unreachable(cluster, verify);
}

function unreachable(cluster: Found, verify: VerifyMode): Action | undefined {
    return cluster.apiServer === "unreachable" && verify === "required" ? fail("unreachable") : undefined;
}

function fail(reason: FailureReason): Action {
    return { do: "fail", reason };
}
