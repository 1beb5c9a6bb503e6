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
    /** How the kubeconfig of a user of Microsoft Entra ID is written. Default: AKS's, which is `exec`. */
    format?: "exec" | "azure";
    /** By which name the kubeconfig has a private cluster's API server. Default: AKS's. */
    serverFqdn?: "public" | "private";
}
