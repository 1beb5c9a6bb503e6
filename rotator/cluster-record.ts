import * as z from "zod/mini";
import { isPassing, ServiceUnavailable } from "../azure/transient";
import type { Kubeconfig } from "../formats/kubeconfig";
import { parseRecord, type RotationRecord } from "../formats/record";
import { type Caller, read } from "./api-server";

/** Name of the ConfigMap that holds the rotation record in the cluster. */
export const RECORD_CONFIG_MAP = "aks-certificate-rotation";

/** The keys of its data: the record as JSON, and `project/stack` of the Pulumi program that has written it. */
const RECORD_KEY = "record.json";
const STACK_KEY = "stack";

const ConfigMap = z.object({ data: z.optional(z.record(z.string(), z.string())) });

/** The rotation record that a cluster has of itself. */
export interface ClusterRecord {
    record: RotationRecord;
    /** `project/stack` of the Pulumi program that has written it; undefined where it does not say, as of version 0.1.0. */
    stack?: string | undefined;
}

/** There is no record in the cluster. */
export class NoClusterRecord extends Error {
    override readonly name = "NoClusterRecord";
}

/**
 * Reads a cluster's rotation record from the cluster itself.
 *
 * @param caller whose credentials are used
 * @throws NoClusterRecord; Error that says why it cannot be read, as a clause
 */
export async function readClusterRecord(
    cluster: Kubeconfig,
    caller: Caller,
    namespace: string,
    signal: AbortSignal,
): Promise<ClusterRecord> {
    const what = `the ConfigMap ${namespace}/${RECORD_CONFIG_MAP}`;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${RECORD_CONFIG_MAP}`;
    const { status, text } = await read(cluster, cluster.caCertificate, path, caller, signal);
    switch (status) {
        case 200:
            break;
        case 401:
            throw new Error("the API server does not accept the credentials");
        case 403:
            throw new Error(`no right to read ${what}`);
        case 404:
            throw new NoClusterRecord(`there is no ConfigMap ${namespace}/${RECORD_CONFIG_MAP}`);
        default:
            throw isPassing(status)
                ? new ServiceUnavailable(`the API server answered ${status}`)
                : new Error(`the API server answered ${status}`);
    }
    try {
        const { data = {} } = ConfigMap.parse(JSON.parse(text));
        return { record: parseRecord(data[RECORD_KEY] ?? ""), stack: data[STACK_KEY] || undefined };
    } catch {
        throw new Error(`${RECORD_KEY} of ${what} is no rotation record of this version`);
    }
}
