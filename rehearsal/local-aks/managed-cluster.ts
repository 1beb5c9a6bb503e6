import type { Cloud } from "./cloud";
import type { Cluster } from "./cluster";

/** The resource ID of a cluster. AKS writes `resourcegroups` in lower case. */
export function clusterId(cloud: Cloud, { ref }: Cluster): string {
    return (
        `/subscriptions/${cloud.subscriptionId}/resourcegroups/${ref.resourceGroup}` +
        `/providers/Microsoft.ContainerService/managedClusters/${ref.name}`
    );
}

/** A managed cluster as Azure answers it. */
export function managedCluster(cloud: Cloud, cluster: Cluster): object {
    const { ref, location, tags, powerState, provisioningState, kubernetesVersion } = cluster;
    const state = { provisioningState, powerState: { code: powerState } };
    return {
        id: clusterId(cloud, cluster),
        name: ref.name,
        type: "Microsoft.ContainerService/ManagedClusters",
        location,
        tags,
        eTag: cluster.eTag,
        kind: "Base",
        sku: { name: "Base", tier: "Free" },
        identity: { type: "SystemAssigned", tenantId: cloud.tenantId, principalId: cloud.client.objectId },
        properties: {
            ...state,
            kubernetesVersion,
            currentKubernetesVersion: kubernetesVersion,
            dnsPrefix: ref.name,
            fqdn: new URL(cluster.server).hostname,
            agentPoolProfiles: cluster.settings.nodePools.map(
                ({ name, count = 1, provisioningState: own, maxSurge, maxUnavailable }) => ({
                    name,
                    count,
                    vmSize: "Standard_D2s_v5",
                    osType: "Linux",
                    mode: "System",
                    type: "VirtualMachineScaleSets",
                    orchestratorVersion: kubernetesVersion,
                    currentOrchestratorVersion: kubernetesVersion,
                    upgradeSettings: { maxSurge, maxUnavailable },
                    ...state,
                    provisioningState: own ?? provisioningState,
                }),
            ),
            nodeResourceGroup: `MC_${ref.resourceGroup}_${ref.name}_${location}`,
            enableRBAC: true,
            supportPlan: cluster.settings.supportPlan,
            networkProfile: {
                networkPlugin: "azure",
                serviceCidr: "10.0.0.0/16",
                dnsServiceIP: "10.0.0.10",
                loadBalancerSku: "standard",
            },
            disableLocalAccounts: false,
            maxAgentPools: 100,
            resourceUID: cluster.resourceUID,
        },
        systemData: { createdAt: cluster.created.toISOString(), createdByType: "Application" },
    };
}
