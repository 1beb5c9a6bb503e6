import type { ManagedCluster as AzureCluster } from "@azure/arm-containerservice";
import type { ContainerServiceContext } from "@azure/arm-containerservice/api";
import { get, list, listByResourceGroup } from "@azure/arm-containerservice/api/managedClusters";
import { isRestError } from "@azure/core-rest-pipeline";
import { type ClusterIdParts, clusterId, parseClusterId } from "../formats/cluster-id";
import { askForKubeconfig } from "./ask-for-kubeconfig";
import { readingClient } from "./client";
import type { Cloud } from "./cloud";
import { isNotFound, type ManagedCluster, managedCluster } from "./cluster";
import type { CredentialKind } from "./cluster-names";
import type { SignIn } from "./sign-in";

/** A cluster of a subscription, with the names as Azure writes them. */
export interface FoundCluster extends ManagedCluster {
    subscriptionId: string;
    resourceGroupName: string;
    clusterName: string;
    /** ARM id of the cluster, lower case. */
    clusterId: string;
    /** All host names of its API server, lower case: public, private, and the portal's. */
    hosts: string[];
}

/** Which kubeconfig Azure is asked for. */
export interface CredentialsOptions {
    kind: CredentialKind;
    /** For a cluster with Microsoft Entra ID: how the user signs in. Default: Azure's, which is `exec`. */
    format?: "exec" | "azure";
    /** By which name the kubeconfig has a private cluster's API server. Default: AKS's. */
    serverFqdn?: "public" | "private";
}

/** The clusters of one subscription, read through one client, so that one token and its connections serve them all. */
export class Clusters {
    private readonly client: ContainerServiceContext;

    constructor(
        readonly subscriptionId: string,
        cloud: Cloud,
        signIn: Pick<SignIn, "credential" | "connect">,
    ) {
        this.client = readingClient(subscriptionId, cloud, signIn);
    }

    /**
     * The clusters of a resource group, or of the whole subscription, in the order of their ids.
     *
     * @param resourceGroupName default: all
     * @throws RestError, AuthenticationError
     */
    async list(resourceGroupName: string | undefined, abortSignal: AbortSignal): Promise<FoundCluster[]> {
        let body: string | null | undefined;
        const options = {
            abortSignal,
            onResponse: ({ bodyAsText }: { bodyAsText?: string | null }) => {
                body = bodyAsText;
            },
        };
        const pages =
            resourceGroupName === undefined
                ? list(this.client, options)
                : listByResourceGroup(this.client, resourceGroupName, options);
        const found: FoundCluster[] = [];
        try {
            for await (const cluster of pages) {
                const names = parseClusterId(cluster.id ?? "");
                found.push(foundCluster(cluster, names));
            }
        } catch (error) {
            // The SDK's own message of a list is "Pagination failed with unexpected statusCode".
            throw isRestError(error) ? Object.assign(error, { message: azureMessage(body) ?? error.message }) : error;
        }
        return found.sort((one, other) => (one.clusterId < other.clusterId ? -1 : 1));
    }

    /**
     * One cluster; undefined when there is none.
     *
     * @throws RestError, AuthenticationError
     */
    async look(
        resourceGroupName: string,
        clusterName: string,
        abortSignal: AbortSignal,
    ): Promise<FoundCluster | undefined> {
        const names = { subscriptionId: this.subscriptionId, resourceGroupName, clusterName };
        try {
            const cluster = await get(this.client, resourceGroupName, clusterName, { abortSignal });
            return foundCluster(cluster, names);
        } catch (error) {
            if (isNotFound(error)) {
                return undefined;
            }
            throw error;
        }
    }

    /**
     * The kubeconfig that Azure hands out now, as it gives it. Holds secrets.
     *
     * @throws RestError, AuthenticationError; Error when there is none
     */
    async kubeconfig(
        resourceGroupName: string,
        clusterName: string,
        { kind, format, serverFqdn }: CredentialsOptions,
        abortSignal: AbortSignal,
    ): Promise<string> {
        const names = { resourceGroupName, clusterName, credentials: kind, format, serverFqdn };
        return askForKubeconfig(this.client, names, abortSignal);
    }
}

function foundCluster(cluster: AzureCluster, names: ClusterIdParts): FoundCluster {
    const id = clusterId(names.subscriptionId, names.resourceGroupName, names.clusterName);
    const { fqdn, privateFqdn, azurePortalFqdn } = cluster;
    const hosts = [fqdn, privateFqdn, azurePortalFqdn].flatMap((host) => (host ? [host.toLowerCase()] : []));
    return { ...managedCluster(cluster), ...names, clusterId: id, hosts };
}

/** Azure's own message in the body of an error; undefined where there is none. */
function azureMessage(body: string | null | undefined): string | undefined {
    try {
        const message: unknown = JSON.parse(body ?? "").error?.message;
        return typeof message === "string" && message !== "" ? message : undefined;
    } catch {
        return undefined;
    }
}
