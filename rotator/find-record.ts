import { isAbort, isTransient, wordsOf } from "../azure/explain";
import { type ClusterRecord, NoClusterRecord } from "./cluster-record";
import type { Look } from "./observe";
import type { Doing, Outside } from "./outside";
import { remainingRecord } from "./remaining-record";
import type { Task } from "./task";

/** How long reading the record in the cluster may take, in milliseconds. */
export const CLUSTER_RECORD_TIMEOUT_MS = 5_000;

/**
 * The task of a Command that is created, with what is left of an earlier record. Any other task, and one for which the
 * cluster has been asked already, stays as it is. A record that cannot be read is reported, and is no error.
 *
 * @param withinMs how long it may take
 * @param mayRetry whether an error that a retry may overcome is thrown
 * @throws what the ports throw
 */
export function* findRecord<Wait>(
    ports: Outside<Wait>,
    task: Task,
    { cluster, credentials }: Look,
    withinMs: number,
    mayRetry: boolean,
): Doing<Wait, Task> {
    if (task.command !== "adopt" || task.clusterRecordRead || !cluster.found || credentials === undefined) {
        return task;
    }
    const { settings, intent } = task;
    let inCluster: ClusterRecord | undefined;
    // An API server with a certificate of another CA gets no credentials: it is asked once they follow.
    const isAsked = cluster.apiServer === "sameCa";
    if (isAsked) {
        try {
            inCluster = yield* ports.clusterRecord(credentials, withinMs);
        } catch (error) {
            // Through runCommand the API server may be out of reach for good: then it is asked once.
            if (mayRetry && settings.verifyThrough !== "runCommand" && isTransient(error)) {
                throw error;
            }
            if (!(error instanceof NoClusterRecord)) {
                const why = isAbort(error) ? "no answer in time" : wordsOf(error);
                ports.tell(`Whether the cluster has a rotation record already is not known: ${why}`);
            }
        }
    }
    const record = remainingRecord(intent, inCluster, settings);
    if (record !== undefined && record.generation !== task.record?.generation) {
        ports.tell(
            `This Command is new, but generation ${record.generation} is on record ` +
                `(${record === inCluster?.record ? "in the cluster" : "in the intent"})`,
        );
    }
    return { ...task, record, clusterRecordRead: isAsked };
}
