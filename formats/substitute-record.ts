import type { Intent } from "./intent";
import type { RotationRecord } from "./record";

/**
 * A record in the place of one that was lost: the cluster as the intent has found it, at a generation that was rotated or
 * adopted before that.
 *
 * @param generation the highest generation that needs no rotation any more
 */
export function substituteRecord(
    { clusterId, resourceUID, askedAt, caFingerprints }: Intent,
    generation: number,
): RotationRecord {
    return {
        record: 1,
        generation,
        outcome: "adopted",
        clusterId,
        resourceUID,
        started: null,
        finished: askedAt,
        durationSeconds: null,
        caBefore: caFingerprints,
        caAfter: caFingerprints,
        outage: null,
        apiServerCertificate: null,
        verified: [],
        notVerified: [],
    };
}
