import { parseClusterId } from "../formats/cluster-id";
import { parseKubeconfig } from "../formats/kubeconfig";
import { type Host, judgePlugin } from "./sign-in-plugin";

/** What another stack says of a cluster: enough for a Kubernetes provider. */
export interface ClusterOutputs {
    kubeconfig: unknown;
    clusterIdentifier: unknown;
    /** Where they are from, for messages, such as `stack "organization/platform/production"`. */
    from: string;
    /** What goes before the names of the outputs, for messages: `clusters.blue.`, or nothing. */
    path: string;
    /** What to do where one is missing, for messages. */
    advice: string;
}

const howToExport =
    "Export them there, `export const { kubeconfig, clusterIdentifier } = rotation;`, and run pulumi up in that stack first.";

/**
 * Finds one cluster among a stack's outputs: `kubeconfig` and `clusterIdentifier` themselves, or those of a name in
 * `clusters`, as a fleet exports them.
 *
 * @param stack name of the stack
 * @param outputs all its outputs
 * @param cluster the cluster's name in `clusters`; undefined where the stack exports one cluster
 * @throws Error that says which stack, which output, and what would be right; never repeats a value
 */
export function clusterAmong(
    stack: string,
    outputs: Readonly<Record<string, unknown>>,
    cluster: string | undefined,
): ClusterOutputs {
    const from = `stack "${stack}"`;
    const clusters = isObject(outputs.clusters) ? outputs.clusters : undefined;
    const names = Object.keys(clusters ?? {}).join(", ");
    if (cluster === undefined) {
        if (outputs.kubeconfig === undefined && clusters !== undefined) {
            throw new Error(`The ${from} has several clusters: ${names}. Say which one is meant, by \`cluster\`.`);
        }
        const { kubeconfig, clusterIdentifier } = outputs;
        return { kubeconfig, clusterIdentifier, from, path: "", advice: howToExport };
    }
    if (clusters === undefined) {
        const one = outputs.kubeconfig === undefined ? howToExport : "It exports one cluster: leave `cluster` out.";
        throw new Error(`The ${from} has no output "clusters", so there is no cluster "${cluster}" in it. ${one}`);
    }
    const found = Object.hasOwn(clusters, cluster) ? clusters[cluster] : undefined;
    if (!isObject(found)) {
        throw new Error(`The output "clusters" of ${from} has no cluster "${cluster}". It has ${names || "none"}.`);
    }
    const { kubeconfig, clusterIdentifier } = found;
    return { kubeconfig, clusterIdentifier, from, path: `clusters.${cluster}.`, advice: howToExport };
}

/**
 * The kubeconfig, where it is one.
 *
 * @throws Error that says where it is from and what would be right; never repeats the kubeconfig
 */
export function checkedKubeconfig({ kubeconfig, from, path, advice }: ClusterOutputs): string {
    const what = `"${path}kubeconfig" of ${from}`;
    if (kubeconfig === undefined || kubeconfig === null) {
        throw new Error(`There is no ${what}. ${advice}`);
    }
    if (typeof kubeconfig !== "string") {
        throw new Error(`${what} is no text, but must be what the kubeconfig file holds. ${advice}`);
    }
    try {
        parseKubeconfig(kubeconfig);
    } catch (error) {
        throw new Error(
            `${what} is not the kubeconfig of an AKS cluster (the text itself, no path). ${(error as Error).message}`,
        );
    }
    return kubeconfig;
}

/**
 * The kubeconfig, once it is clear that the Kubernetes provider of a machine can sign in with it.
 *
 * @param warn is told why it may not work, and what to do
 * @param serverApplicationId the only application that tokens may be for. @default the AKS server application
 * @throws Error as `checkedKubeconfig`; or when the program by which it signs in (kubelogin) is not on the machine, or is
 * none that is run
 */
export function usableKubeconfig(
    outputs: ClusterOutputs,
    host: Host,
    warn: (warning: string) => void,
    serverApplicationId?: string,
): string {
    const text = checkedKubeconfig(outputs);
    const { error, warning } = judgePlugin(parseKubeconfig(text).signIn, host, serverApplicationId);
    if (error !== undefined) {
        throw new Error(error);
    }
    if (warning !== undefined) {
        warn(warning);
    }
    return text;
}

/**
 * The cluster's ARM id, lower case, where it is one.
 *
 * @throws Error that says where it is from and what would be right
 */
export function checkedIdentifier({ clusterIdentifier, from, path, advice }: ClusterOutputs): string {
    const what = `"${path}clusterIdentifier" of ${from}`;
    if (clusterIdentifier === undefined || clusterIdentifier === null || clusterIdentifier === "") {
        throw new Error(
            `There is no ${what}: without it a rotation would replace the provider and all under it. ${advice}`,
        );
    }
    try {
        parseClusterId(String(clusterIdentifier));
    } catch (error) {
        throw new Error(
            `${what} must be the ARM id of the cluster, as CertificateRotation has it: ${(error as Error).message}`,
        );
    }
    return String(clusterIdentifier).toLowerCase();
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
