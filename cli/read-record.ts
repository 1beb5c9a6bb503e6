import * as z from "zod/mini";
import type { Kubeconfig } from "../formats/kubeconfig";
import { parseRecord, type RotationRecord } from "../formats/record";
import { type Caller, read } from "../rotator/api-server";

/** Name of the ConfigMap that holds the rotation record in the cluster, and its key. */
const name = "aks-certificate-rotation";
const key = "record.json";

const ConfigMap = z.object({ data: z.optional(z.record(z.string(), z.string())) });

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
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${name}`;
    const { status, text } = await read(cluster, cluster.caCertificate, path, caller, signal);
    switch (status) {
        case 200:
            break;
        case 401:
            throw new Error("the API server does not accept the credentials");
        case 403:
            throw new Error(`no right to read the ConfigMap ${namespace}/${name}`);
        case 404:
            throw new Error(`there is no ConfigMap ${namespace}/${name}`);
        default:
            throw new Error(`the API server answered ${status}`);
    }
    try {
        return parseRecord(ConfigMap.parse(JSON.parse(text)).data?.[key] ?? "");
    } catch {
        throw new Error(`${key} of the ConfigMap ${namespace}/${name} is no rotation record of this version`);
    }
}
