/** What names a managed cluster. */
export interface ClusterIdParts {
    subscriptionId: string;
    resourceGroupName: string;
    clusterName: string;
}

/**
 * The ARM id of a managed cluster, lower case, since Azure does not mind the case and comparisons do. It is the
 * identity of the cluster in intents, records and in the Kubernetes provider's `clusterIdentifier`.
 */
export function clusterId(subscriptionId: string, resourceGroupName: string, clusterName: string): string {
    return (
        `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}` +
        `/providers/${managedClusters}/${clusterName}`
    ).toLowerCase();
}

/**
 * Reads the ARM id of a managed cluster, in upper, lower or mixed case; the names come as they are written there.
 *
 * @param id such as `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`
 * @throws Error when it is no ARM id, or one of something else; it says of what, and what to give instead
 */
export function parseClusterId(id: string): ClusterIdParts {
    const { subscriptionId, resourceGroupName, type, names } = split(id);
    const [clusterName = "", ...below] = names;
    if (sameWord(type, managedClusters)) {
        return { subscriptionId, resourceGroupName, clusterName };
    }
    if (below.length > 0 && sameWord(type.split("/", 2).join("/"), managedClusters)) {
        const cluster = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/${managedClusters}/${clusterName}`;
        throw new Error(
            `${quoted(id)} is the id of a part of a managed cluster (${type}). Give the cluster's: ${cluster}`,
        );
    }
    throw new Error(`${quoted(id)} is the id of ${whatIs(type)}. ${wanted}`);
}

/**
 * What a resource type is, beside a managed cluster, and whose certificates it has: a clause that goes after "is".
 *
 * @param type resource provider and type, such as `Microsoft.Kubernetes/connectedClusters`, in any case
 */
export function whatIs(type: string): string {
    const known = Object.entries(others).find(([name]) => sameWord(name, type));
    return known === undefined ? `another kind of resource (${type})` : known[1];
}

/**
 * What a managed cluster is that Azure Kubernetes Fleet Manager has made as a fleet's hub, and on the next line what to do;
 * undefined for any other cluster. A hub is told by its names, which are always the same. Source: Microsoft's "Fleet Manager
 * hub cluster overview".
 */
export function fleetHub({
    resourceGroupName,
    clusterName,
}: Pick<ClusterIdParts, "resourceGroupName" | "clusterName">): string | undefined {
    if (!sameWord(clusterName, "hub") || !hubGroup.test(resourceGroupName)) {
        return undefined;
    }
    return (
        `"${clusterName}" in resource group "${resourceGroupName}" is the hub cluster of an Azure Kubernetes Fleet Manager, ` +
        "which looks after it and its certificates.\n" +
        "Leave it out, and name the fleet's members: `az fleet member list --query [].clusterResourceId` prints their ids. " +
        "Credentials of the hub come from `az fleet get-credentials`."
    );
}

/** The resource group that a fleet makes for its hub: FL_, its own group, its name, and the region. */
const hubGroup = /^FL_.+_.+_[a-z\d]+$/i;

const managedClusters = "Microsoft.ContainerService/managedClusters";

const wanted =
    "Rotation is for AKS clusters: give an id such as " +
    `/subscriptions/<subscription>/resourceGroups/<resource group>/providers/${managedClusters}/<cluster> ` +
    "(`az aks show --query id` prints it).";

/** Kubernetes in Azure that is no managed cluster. Source: Azure's list of resource providers and types. */
const others: Record<string, string> = {
    "Microsoft.Kubernetes/connectedClusters":
        "a cluster that Azure Arc has connected (Microsoft.Kubernetes/connectedClusters): Azure does not run " +
        "its API server and cannot rotate its certificates; the distribution that made it does that",
    "Microsoft.HybridContainerService/provisionedClusterInstances":
        "an AKS cluster on your own hardware, by Azure Arc " +
        "(Microsoft.HybridContainerService/provisionedClusterInstances): it rotates its certificates by itself",
    "Microsoft.ContainerService/fleets":
        "an Azure Kubernetes Fleet Manager (Microsoft.ContainerService/fleets): AKS looks after the " +
        "certificates of its hub cluster itself; the fleet's members have ids of their own",
    "Microsoft.ContainerService/fleets/members":
        "a member of an Azure Kubernetes Fleet Manager (Microsoft.ContainerService/fleets/members); the " +
        "cluster behind it has an id of its own (`az fleet member show --query clusterResourceId`)",
    "Microsoft.RedHatOpenShift/openShiftClusters":
        "an Azure Red Hat OpenShift cluster (Microsoft.RedHatOpenShift/openShiftClusters): OpenShift rotates its " +
        "certificates by itself",
    "Microsoft.Resources/resourceGroups": "a resource group, not of a cluster in it",
    "Microsoft.Resources/subscriptions": "a subscription, not of a cluster in it",
};

interface Split {
    subscriptionId: string;
    resourceGroupName: string;
    /** Resource provider and all types, such as `Microsoft.ContainerService/managedClusters/agentPools`. */
    type: string;
    /** A name for each type. */
    names: string[];
}

/**
 * The parts of an ARM id.
 *
 * @throws Error when it is none
 */
function split(id: string): Split {
    const [, subscriptionId, resourceGroupName, rest = ""] =
        /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?(\/.*)?$/i.exec(id.trim().replace(/\/$/, "")) ?? [];
    if (subscriptionId === undefined) {
        throw new Error(`${quoted(id)} is no ARM id. ${wanted}`);
    }
    if (rest === "") {
        const type = `Microsoft.Resources/${resourceGroupName === undefined ? "subscriptions" : "resourceGroups"}`;
        return { subscriptionId, resourceGroupName: resourceGroupName ?? "", type, names: [] };
    }
    // A resource that extends another has two of them; what counts is the last.
    const at = rest.toLowerCase().lastIndexOf("/providers/");
    const [namespace, ...pairs] = at < 0 ? [] : rest.slice(at + "/providers/".length).split("/");
    const type = [namespace, ...pairs.filter((_, i) => i % 2 === 0)].join("/");
    // A managed cluster is in a resource group, and extends nothing.
    const misplaced = sameWord(type, managedClusters) && (at > 0 || resourceGroupName === undefined);
    if (!namespace || pairs.length < 2 || pairs.length % 2 !== 0 || pairs.includes("") || misplaced) {
        throw new Error(`${quoted(id)} is no whole ARM id. ${wanted}`);
    }
    const names = pairs.filter((_, i) => i % 2 === 1);
    return { subscriptionId, resourceGroupName: resourceGroupName ?? "", type, names };
}

function sameWord(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}

function quoted(id: string): string {
    return JSON.stringify(id);
}
