import { getFleet } from "@pulumi/azure-native/containerservice";
import { getConnectedCluster } from "@pulumi/azure-native/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { whatIs } from "../formats/cluster-id";
import type { CheckedArguments } from "./arguments";

/**
 * What there is under a cluster's name where there is no AKS cluster: a sentence; undefined where nothing is known. Asked
 * only when that has gone wrong, and never a reason of its own to fail.
 */
export async function otherKind(
    { resourceGroupName, clusterName }: Pick<CheckedArguments, "resourceGroupName" | "clusterName">,
    opts: pulumi.InvokeOptions,
): Promise<string | undefined> {
    const looks: [type: string, look: () => Promise<{ id?: string }>][] = [
        ["Microsoft.Kubernetes/connectedClusters", () => getConnectedCluster({ resourceGroupName, clusterName }, opts)],
        ["Microsoft.ContainerService/fleets", () => getFleet({ resourceGroupName, fleetName: clusterName }, opts)],
    ];
    const found = await Promise.allSettled(looks.map(([, look]) => look()));
    // In a preview whose azure-native cannot be asked yet an answer is empty.
    const at = found.findIndex((one) => one.status === "fulfilled" && one.value.id !== undefined);
    const type = looks[at]?.[0];
    return (
        type &&
        `"${clusterName}" in resource group "${resourceGroupName}" is ${whatIs(type)}. Rotation is for AKS clusters.`
    );
}
