import type { Kubeconfig } from "../formats/kubeconfig";
import { parseRecord, type RotationRecord } from "../formats/record";
import type { Caller } from "../rotator/api-server";
import { readClusterRecord } from "../rotator/cluster-record";

/**
 * Reads a cluster's rotation record from the cluster itself.
 *
 * @param caller whose credentials are used
 * @throws Error that says why it cannot be read, as a clause
 */
export async function readRecord(
    cluster: Kubeconfig,
    caller: Caller,
    namespace: string,
    signal: AbortSignal,
): Promise<RotationRecord> {
    const found = await readClusterRecord(cluster, caller, namespace, signal);
    const what = `ConfigMap ${namespace}/aks-certificate-rotation`;
    if (found === undefined) {
        throw new Error(`there is no ${what}`);
    }
    try {
        return parseRecord(found.record ?? "");
    } catch {
        throw new Error(`record.json of the ${what} is no rotation record of this version`);
    }
}
