/**
 * The ARM id of a managed cluster, lower case, since Azure does not mind the case and comparisons do. It is the
 * identity of the cluster in intents, records and in the Kubernetes provider's `clusterIdentifier`.
 */
export function clusterId(subscriptionId: string, resourceGroupName: string, clusterName: string): string {
    return (
        `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}` +
        `/providers/Microsoft.ContainerService/managedClusters/${clusterName}`
    ).toLowerCase();
}
