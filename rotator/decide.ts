import { sameFingerprints } from "../formats/certificate";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { type AttemptState, hasEffectiveRotation } from "./attempt-state";
import type { Observation } from "./observation";
import { isFinal, isRotating } from "./provisioning-state";

import type { VerifyMode } from "./settings";

/** All that the decision depends on: no clock, no network. */
export interface DecisionInput {
    /** The generation in the stack's config. */
    generation: number;
    /** The record of the last rotation, if there is one. */
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
    | { do: "wait"; for: "rotation" | "operation" | "credentials" | "answer" }
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
    | "unreachable"
    | "staleIntent";

/** How often a rotation may end Failed or Canceled, or a request for one remain without an answer, in one run. */
export const MAX_ATTEMPTS = 3;

/** The next step towards one rotation for the generation; the heart of the rotator. */
export function decide({ generation, record, intent, verify, cluster, attempt }: DecisionInput): Action {
    if (!cluster.found) {
        return fail("notFound");
    }
    const state = cluster.provisioningState;
    if (state === "Deleting") {
        return fail("deleting");
    }
    const known = record?.resourceUID === cluster.resourceUID;
    if (known && generation <= record.generation) {
        return { do: "noop", record };
    }
    if (isRotating(state)) {
        return { do: "wait", for: "rotation" };
    }
    if (!known) {
        return unreachable(cluster, verify) ?? { do: "adopt" };
    }
    if (intent.generation < generation || intent.resourceUID !== cluster.resourceUID) {
        return fail("staleIntent");
    }
    if (!isFinal(state)) {
        return { do: "wait", for: "operation" };
    }
    if (attempt.startUnanswered) {
        return { do: "wait", for: "answer" };
    }
    const ca = cluster.caFingerprints ?? [];
    // A CA that a record already answers for has not come from what was asked since.
    const changed = !sameFingerprints(ca, intent.caFingerprints) && !sameFingerprints(ca, record.caAfter);
    const cannotVerify = unreachable(cluster, verify);
    const start: Action =
        cannotVerify ?? (attempt.unansweredStarts < MAX_ATTEMPTS ? { do: "rotate" } : fail("startUnanswered"));
    // Where the API server cannot be asked, a cluster that was changed since may have been rotated: its credentials can
    // lag. Where Azure gives no eTag, it may have been changed.
    const unchanged = intent.eTag !== undefined && intent.eTag === cluster.eTag;
    const mayLag = cluster.apiServer !== "sameCa" && !unchanged && cannotVerify === undefined;
    if (state !== "Succeeded") {
        if (attempt.acceptedNotVisible) {
            return { do: "wait", for: "answer" };
        }
        // Whether what failed came before the new CA, with it or after it, nobody can tell: not one rotation too many.
        if (changed || cluster.apiServer === "anotherCa") {
            return fail("caChangedButFailed");
        }
        if (attempt.failed >= MAX_ATTEMPTS) {
            return fail("attemptsExhausted");
        }
        return mayLag && !attempt.settleTimeoutElapsed ? { do: "wait", for: "credentials" } : start;
    }
    if (changed) {
        return { do: "verify" };
    }
    if (hasEffectiveRotation(attempt) || cluster.apiServer === "anotherCa") {
        return attempt.settleTimeoutElapsed
            ? fail("caUnchanged")
            : { do: "wait", for: attempt.acceptedNotVisible ? "answer" : "credentials" };
    }
    return (attempt.rotationObserved || mayLag) && !attempt.settleTimeoutElapsed
        ? { do: "wait", for: "credentials" }
        : start;
}

function fail(reason: FailureReason): Action {
    return { do: "fail", reason };
}

/** Nothing is begun that could not be verified in the end, if it must be. */
function unreachable(cluster: Observation, verify: VerifyMode): Action | undefined {
    return cluster.found && cluster.apiServer === "unreachable" && verify === "required"
        ? fail("unreachable")
        : undefined;
}
