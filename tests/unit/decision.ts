import type { Intent } from "../../formats/intent";
import type { RotationRecord } from "../../formats/record";
import { type AttemptState, initialState } from "../../rotator/attempt-state";
import { type DecisionInput, decide } from "../../rotator/decide";
import type { Observation } from "../../rotator/observation";

/** The intent of generation 2: the CA is A. */
export const intent: Intent = {
    intent: 1,
    generation: 2,
    clusterId: "/subscriptions/s/…",
    resourceUID: "uid",
    askedAt: "2026-01-01T00:00:00.000Z",
    caFingerprints: ["A"],
    caCertificate: "",
};

/** The record of generation 1. */
export const record: RotationRecord = {
    record: 1,
    generation: 1,
    outcome: "adopted",
    clusterId: intent.clusterId,
    resourceUID: "uid",
    started: null,
    finished: "2026-01-01T00:00:00.000Z",
    durationSeconds: null,
    caBefore: ["A"],
    caAfter: ["A"],
    outage: null,
    apiServerCertificate: null,
    verified: [],
    notVerified: [],
};

export type Found = Extract<Observation, { found: true }>;

const quiet: AttemptState = initialState;
const healthy: Found = {
    found: true,
    resourceUID: "uid",
    provisioningState: "Succeeded",
    stopped: false,
    caFingerprints: ["A"],
    apiServer: "sameCa",
};

/** What is decided for generation 2 of a healthy cluster, or one that differs from it. */
export function next(
    cluster: Partial<Found> | { found: false },
    {
        attempt = {},
        ...rest
    }: Partial<Omit<DecisionInput, "cluster" | "attempt">> & { attempt?: Partial<AttemptState> } = {},
) {
    return decide({
        clusterId: intent.clusterId,
        command: "rotate",
        generation: 2,
        record,
        intent,
        verify: "required",
        ...rest,
        attempt: { ...quiet, ...attempt },
        cluster: cluster.found === false ? { found: false } : { ...healthy, ...cluster },
    });
}
