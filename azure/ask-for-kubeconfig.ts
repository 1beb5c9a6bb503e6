import type { ContainerServiceContext } from "@azure/arm-containerservice/api";
import {
    listClusterAdminCredentials,
    listClusterUserCredentials,
} from "@azure/arm-containerservice/api/managedClusters";
import type { ClusterNames } from "./cluster-names";

/**
 * The kubeconfig that Azure hands out now, as it gives it. Holds secrets.
 *
 * @throws RestError, AuthenticationError; Error when there is none
 */
export async function askForKubeconfig(
    client: ContainerServiceContext,
    {
        resourceGroupName,
        clusterName,
        credentials,
        format,
        serverFqdn,
    }: Omit<ClusterNames, "subscriptionId" | "clusterId">,
    abortSignal: AbortSignal,
): Promise<string> {
    const { kubeconfigs } = await (credentials === "admin"
        ? listClusterAdminCredentials(client, resourceGroupName, clusterName, { abortSignal, serverFqdn })
        : listClusterUserCredentials(client, resourceGroupName, clusterName, { abortSignal, format, serverFqdn }));
    const value = kubeconfigs?.[0]?.value;
    if (value === undefined) {
        throw new Error(`AKS gave no kubeconfig for the cluster ${credentials} of ${clusterName}.`);
    }
    return Buffer.from(value).toString("utf8");
}
