import { isSameCluster } from "../formats/cluster-identity";
import type { Intent } from "../formats/intent";
import type { RotationRecord } from "../formats/record";
import { substituteRecord } from "../formats/substitute-record";
import type { ClusterRecord } from "./cluster-record";
import type { Settings } from "./settings";

/**
 * What is left of the record where the Command that has it is created anew: the record in the cluster, else one that the
 * intent stands for. Undefined where nothing says that the stack has had the cluster before: then it is adopted.
 *
 * @param inCluster the ConfigMap's record, where it could be read
 */
export function remainingRecord(
    intent: Intent,
    inCluster: ClusterRecord | undefined,
    settings: Pick<Settings, "generation" | "stack">,
): RotationRecord | undefined {
    if (inCluster !== undefined && counts(inCluster, intent, settings)) {
        return inCluster.record;
    }
    const earlier = intent.generation < settings.generation ? intent.generation : intent.earlierGeneration;
    return earlier !== undefined && earlier < settings.generation ? substituteRecord(intent, earlier) : undefined;
}

/** A record that does not say whose it is counts for what it says of the generation that is asked for, and starts nothing. */
function counts({ record, stack }: ClusterRecord, intent: Intent, settings: Pick<Settings, "generation" | "stack">) {
    if (!isSameCluster(record, intent)) {
        return false;
    }
    return stack === undefined || settings.stack === undefined
        ? record.generation === settings.generation
        : stack === settings.stack;
}
