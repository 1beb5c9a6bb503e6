import * as z from "zod/mini";
import type { Kubeconfig } from "../formats/kubeconfig";
import { type Caller, read } from "./api-server";

/** Name of the ConfigMap in which a program writes the rotation record into the cluster. */
const name = "aks-certificate-rotation";

const ConfigMap = z.object({ data: z.optional(z.record(z.string(), z.string())) });

/** What that ConfigMap holds. */
export interface ClusterRecord {
    /** The rotation record, as text that may be none. */
    record: string | undefined;
    /** Project and stack of the program that wrote it, `project/stack`; version 0.1.0 did not write that. */
    stack: string | undefined;
}

/**
 * Reads the ConfigMap with a cluster's rotation record, in the cluster.
 *
 * @param caller whose credentials are used
 * @returns undefined where there is no such ConfigMap
 * @throws Error that says why it cannot be read, as a clause
 */
export async function readClusterRecord(
    cluster: Kubeconfig,
    caller: Caller,
    namespace: string,
    signal: AbortSignal,
): Promise<ClusterRecord | undefined> {
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
            return undefined;
        default:
            throw new Error(`the API server answered ${status}`);
    }
    try {
        const { data } = ConfigMap.parse(JSON.parse(text));
        return { record: data?.["record.json"], stack: data?.stack };
    } catch {
        throw new Error("the API server did not answer with a ConfigMap");
    }
}
