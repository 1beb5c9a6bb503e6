import type { Cloud } from "./cloud";
import type { Cluster } from "./cluster";
import { hasEntraId } from "./cluster-kind";

/** The resource ID of a cluster. AKS writes `resourcegroups` in lower case. */
export function clusterId(cloud: Cloud, { ref }: Cluster): string {
    return (
        `/subscriptions/${cloud.subscriptionId}/resourcegroups/${ref.resourceGroup}` +
        `/providers/Microsoft.ContainerService/managedClusters/${ref.name}`
    );
}

/** A managed cluster as Azure answers it. */
export function managedCluster(cloud: Cloud, cluster: Cluster): object {
    const { ref, options, location, tags, powerState, provisioningState, kubernetesVersion } = cluster;
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
            ...addresses(cluster),
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
            disableLocalAccounts: options.disableLocalAccounts ?? false,
            ...(hasEntraId(options) && {
                aadProfile: {
                    managed: true,
                    enableAzureRBAC: options.aadProfile?.enableAzureRBAC ?? false,
                    tenantID: cloud.tenantId,
                },
            }),
            maxAgentPools: 100,
            ...resourceUID(cluster),
        },
        systemData: { createdAt: cluster.created.toISOString(), createdByType: "Application" },
    };
}

function resourceUID({ resourceUID, settings }: Cluster): { resourceUID?: string | null } {
    switch (settings.shownResourceUID) {
        case "value":
            return { resourceUID };
        case "null":
            return { resourceUID: null };
        case "missing":
            return {};
    }
}

/** Where the API server is: a private cluster has a private name, and a public one only where it is to. */
function addresses({ server, publicServer, options }: Cluster): object {
    const { apiServerAccessProfile: access } = options;
    const fqdn = new URL(publicServer).hostname;
    if (access?.enablePrivateCluster !== true) {
        return { fqdn, ...(access && { apiServerAccessProfile: access }) };
    }
    const privateFQDN = new URL(server).hostname;
    return {
        privateFQDN,
        ...(access.enablePrivateClusterPublicFQDN === true && { fqdn }),
        apiServerAccessProfile: { privateDNSZone: "system", ...access },
    };
}

/** The resource ID of a resource of any type. */
export function resourceId(cloud: Cloud, resourceGroup: string, type: string, name: string): string {
    return `/subscriptions/${cloud.subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}
