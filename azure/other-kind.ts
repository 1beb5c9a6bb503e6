import { whatIs } from "../formats/cluster-id";
import { readingClient } from "./client";
import type { Cloud } from "./cloud";
import type { ClusterNames } from "./cluster-names";
import type { SignIn } from "./sign-in";

/** Kubernetes in Azure that is no managed cluster, with a version of its API. Source: Azure's list of resource types. */
const kinds = {
    "Microsoft.Kubernetes/connectedClusters": "2024-01-01",
    "Microsoft.ContainerService/fleets": "2025-03-01",
};

/**
 * What there is under a cluster's name where there is no AKS cluster: a sentence; undefined where nothing is known. To be
 * asked only when that has gone wrong, and never a reason of its own to fail.
 */
export async function otherKind(
    {
        subscriptionId,
        resourceGroupName,
        clusterName,
    }: Pick<ClusterNames, "subscriptionId" | "resourceGroupName" | "clusterName">,
    cloud: Cloud,
    signIn: Pick<SignIn, "credential" | "connect">,
    abortSignal: AbortSignal,
): Promise<string | undefined> {
    const client = readingClient(subscriptionId, cloud, signIn);
    const group = `${cloud.resourceManager}/subscriptions/${subscriptionId}/resourceGroups/${encodeURIComponent(resourceGroupName)}`;
    const found = await Promise.allSettled(
        Object.entries(kinds).map(async ([type, version]) => {
            const url = `${group}/providers/${type}/${encodeURIComponent(clusterName)}?api-version=${version}`;
            const { status } = await client.pathUnchecked(url).get({ abortSignal });
            return status === "200" ? type : undefined;
        }),
    );
    const type = found.map((one) => (one.status === "fulfilled" ? one.value : undefined)).find(Boolean);
    return (
        type &&
        `"${clusterName}" in resource group "${resourceGroupName}" is ${whatIs(type)}. Rotation is for AKS clusters.`
    );
}
