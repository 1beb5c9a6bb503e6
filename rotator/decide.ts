import { sameFingerprints } from "../formats/certificate";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import type { Observation } from "./observation";
import { isFinal, isRotating } from "./provisioning-state";
import { oneStands, type Run } from "./run";
import type { VerifyMode } from "./settings";

/** All that the decision depends on: no clock, no network. */
export interface Situation {
    /** The generation in the stack's config. */
    generation: number;
    /** The record of the last rotation, if there is one. */
    record: RotationRecord | undefined;
    intent: Intent;
    verify: VerifyMode;
    cluster: Observation;
    run: Run;
}

/** What to do next. Only `rotate` changes anything. */
export type Step =
    | { do: "adopt" }
    | { do: "keep"; record: RotationRecord }
    | { do: "wait"; for: "rotation" | "operation" | "credentials" | "answer" }
    | { do: "verify" }
    | { do: "rotate" }
    | { do: "stop"; because: StopReason };

/** Why nothing more can be done. */
export type StopReason =
    | "notFound"
    | "deleting"
    | "failedThrice"
    | "rotatedButFailed"
    | "noAnswer"
    | "caStays"
    | "unreachable"
    | "intentTooOld";

/** How often a rotation may end Failed or Canceled, or a request for one remain without an answer, in one run. */
export const maximalTries = 3;

/** The next step towards one rotation for the generation; the heart of the rotator. */
export function decide({ generation, record, intent, verify, cluster, run }: Situation): Step {
    if (!cluster.found) {
        return stop("notFound");
    }
    const state = cluster.provisioningState;
    if (state === "Deleting") {
        return stop("deleting");
    }
    const known = record?.resourceUID === cluster.resourceUID;
    if (known && generation <= record.generation) {
        return { do: "keep", record };
    }
    if (isRotating(state)) {
        return { do: "wait", for: "rotation" };
    }
    if (!known) {
        return unreachable(cluster, verify) ?? { do: "adopt" };
    }
    if (intent.generation < generation || intent.resourceUID !== cluster.resourceUID) {
        return stop("intentTooOld");
    }
    if (!isFinal(state)) {
        return { do: "wait", for: "operation" };
    }
    if (run.unanswered) {
        return { do: "wait", for: "answer" };
    }
    const ca = cluster.caFingerprints ?? [];
    // A CA that a record already answers for has not come from what was asked since.
    const changed = !sameFingerprints(ca, intent.caFingerprints) && !sameFingerprints(ca, record.caAfter);
    const cannotVerify = unreachable(cluster, verify);
    const start: Step = cannotVerify ?? (run.lost < maximalTries ? { do: "rotate" } : stop("noAnswer"));
    // Where the API server cannot be asked, a cluster that was changed since may have been rotated: its credentials can
    // lag. Where Azure gives no eTag, it may have been changed.
    const unchanged = intent.eTag !== undefined && intent.eTag === cluster.eTag;
    const mayLag = cluster.apiServer !== "sameCa" && !unchanged && cannotVerify === undefined;
    if (state !== "Succeeded") {
        if (run.starting) {
            return { do: "wait", for: "answer" };
        }
        // Whether what failed came before the new CA, with it or after it, nobody can tell: not one rotation too many.
        if (changed || cluster.apiServer === "anotherCa") {
            return stop("rotatedButFailed");
        }
        if (run.failed >= maximalTries) {
            return stop("failedThrice");
        }
        return mayLag && !run.settled ? { do: "wait", for: "credentials" } : start;
    }
    if (changed) {
        return { do: "verify" };
    }
    if (oneStands(run) || cluster.apiServer === "anotherCa") {
        return run.settled ? stop("caStays") : { do: "wait", for: run.starting ? "answer" : "credentials" };
    }
    return (run.seen || mayLag) && !run.settled ? { do: "wait", for: "credentials" } : start;
}

function stop(because: StopReason): Step {
    return { do: "stop", because };
}

/** Nothing is begun that could not be verified in the end, if it must be. */
function unreachable(cluster: Observation, verify: VerifyMode): Step | undefined {
    return cluster.found && cluster.apiServer === "unreachable" && verify === "required"
        ? stop("unreachable")
        : undefined;
}
