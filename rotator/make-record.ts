import type { RotationRecord } from "../formats/record";
import type { Outage } from "./outage";
import type { Settings } from "./settings";
import type { Verification } from "./verification";

/** What is known when a record is made. */
export interface Facts {
    settings: Pick<Settings, "generation" | "clusterId">;
    /** The fingerprints of the cluster CA right before the rotation. */
    caBefore: string[];
    resourceUID: string | undefined;
    /** Whether there was a rotation; else the cluster is adopted. */
    rotated: boolean;
    /** When Azure accepted the rotation; undefined where it is not one of this run. */
    started: Date | undefined;
    finished: Date;
    /** The fingerprints of the cluster CA now. */
    caFingerprints: string[];
    outage: Outage | null;
    verification: Verification;
}

/** The record of a rotation, or of an adoption. */
export function makeRecord(facts: Facts): RotationRecord {
    const { settings, caBefore, resourceUID, rotated, finished, caFingerprints, outage, verification } = facts;
    const started = rotated ? facts.started : undefined;
    return {
        record: 1,
        generation: settings.generation,
        outcome: !rotated ? "adopted" : started !== undefined ? "rotated" : "found rotated",
        clusterId: settings.clusterId,
        resourceUID,
        started: started?.toISOString() ?? null,
        finished: finished.toISOString(),
        durationSeconds: started === undefined ? null : Math.round((finished.getTime() - started.getTime()) / 100) / 10,
        caBefore: rotated ? caBefore : caFingerprints,
        caAfter: caFingerprints,
        outage: rotated ? outage : null,
        ...verification,
    };
}
