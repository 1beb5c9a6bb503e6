/** Which kubeconfig is read: the cluster user's, or the cluster admin's. */
export type CredentialKind = "user" | "admin";

/** Names one managed cluster, and whose credentials are read. */
export interface ClusterNames {
    subscriptionId: string;
    resourceGroupName: string;
    clusterName: string;
    /** ARM id of the cluster, lower case. */
    clusterId: string;
    credentials: CredentialKind;
}
