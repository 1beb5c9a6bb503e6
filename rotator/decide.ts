import { sameFingerprints } from "../formats/certificate";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { isFinal, isRotating } from "./provisioning-state";
import type { Run } from "./run";
import type { VerifyMode } from "./settings";

/** What one look at the cluster has shown. */
export type Observation =
    | { found: false }
    | {
          found: true;
          /** `properties.resourceUID` */
          resourceUID: string;
          /** Changes whenever the cluster is changed; undefined where Azure does not say. */
          eTag?: string | undefined;
          /** `properties.provisioningState` */
          provisioningState: string;
          /** Whether the power state is Stopped. */
          stopped: boolean;
          /** The CA of the credentials that Azure hands out; always there when the provisioning state is Succeeded. */
          caFingerprints?: string[];
          /** What the API server itself shows: its certificate is of the intent's CA, of another one, or it cannot be
           * reached from here; always there when the provisioning state is Succeeded and it is not stopped. */
          apiServer?: "intentCa" | "anotherCa" | "unreachable";
      };

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
    | { do: "stop"; because: "notFound" | "deleting" | "failedThrice" | "caStays" | "unreachable" | "intentTooOld" };

/** How often Azure may answer Failed or Canceled in one run. */
export const maximalFailures = 3;

/** The next step towards one rotation for the generation; the heart of the rotator. */
export function decide({ generation, record, intent, verify, cluster, run }: Situation): Step {
    if (!cluster.found) {
        return { do: "stop", because: "notFound" };
    }
    const state = cluster.provisioningState;
    if (state === "Deleting") {
        return { do: "stop", because: "deleting" };
    }
    const known = record?.resourceUID === cluster.resourceUID && intent.resourceUID === cluster.resourceUID;
    if (record !== undefined && record.resourceUID === cluster.resourceUID && generation <= record.generation) {
        return { do: "keep", record };
    }
    if (isRotating(state)) {
        return { do: "wait", for: "rotation" };
    }
    if (record === undefined || !known) {
        return unreachable(cluster, verify) ?? { do: "adopt" };
    }
    if (intent.generation < generation) {
        return { do: "stop", because: "intentTooOld" };
    }
    if (!isFinal(state)) {
        return { do: "wait", for: "operation" };
    }
    if (run.unanswered) {
        return { do: "wait", for: "answer" };
    }
    if (state !== "Succeeded") {
        if (run.starting) {
            return { do: "wait", for: "answer" };
        }
        return run.failed < maximalFailures ? { do: "rotate" } : { do: "stop", because: "failedThrice" };
    }
    const ca = cluster.caFingerprints ?? [];
    // A CA that a record already answers for has not come from what was asked since.
    if (!sameFingerprints(ca, intent.caFingerprints) && !sameFingerprints(ca, record.caAfter)) {
        return { do: "verify" };
    }
    if (run.started > run.failed || cluster.apiServer === "anotherCa") {
        return run.settled ? { do: "stop", because: "caStays" } : { do: "wait", for: "credentials" };
    }
    // Where the API server cannot be asked, a cluster that was changed since may have been rotated: its credentials can lag.
    const mayLag = cluster.apiServer !== "intentCa" && intent.eTag !== undefined && cluster.eTag !== intent.eTag;
    if ((run.seen || mayLag) && !run.settled) {
        return { do: "wait", for: "credentials" };
    }
    return unreachable(cluster, verify) ?? { do: "rotate" };
}

/** Nothing is begun that could not be verified in the end, if it must be. */
function unreachable(cluster: Observation, verify: VerifyMode): Step | undefined {
    return cluster.found && cluster.apiServer === "unreachable" && verify === "required"
        ? { do: "stop", because: "unreachable" }
        : undefined;
}
