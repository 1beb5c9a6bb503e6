import type { Properties } from "../protocol/values";
import type { ResourceManager } from "./resource-manager";
import { fromArm, shapes } from "./shapes";
import type { Identity } from "./sign-in";

/** What a function works with. */
export interface Surroundings {
    identity: Identity;
    azure: ResourceManager;
}

type Function = (args: Properties, surroundings: Surroundings) => Promise<Properties>;

const cluster = shapes["azure-native:containerservice:ManagedCluster"];

/** Parts of what is asked for, where they are given, under the names that ARM has for them. */
function optional(args: Properties, names: Record<string, string>): Record<string, string> {
    const given = Object.entries(names).filter(([name]) => args[name] !== undefined && args[name] !== null);
    return Object.fromEntries(given.map(([name, parameter]) => [parameter, String(args[name])]));
}

async function onCluster(
    args: Properties,
    { azure, identity }: Surroundings,
    action: { method: "GET" | "POST"; name?: string; query?: Record<string, string> },
): Promise<Properties> {
    if (!cluster) {
        throw new Error("The stand-in for azure-native has no managed clusters.");
    }
    for (const name of ["resourceGroupName", "resourceName"]) {
        if (!args[name]) {
            throw new Error(`missing required property '${name}'`);
        }
    }
    const path = `${cluster.id(identity.subscriptionId, args)}${action.name ? `/${action.name}` : ""}`;
    const query = { "api-version": cluster.apiVersion, ...action.query };
    try {
        const answer = await azure.send({ method: action.method, path, query });
        return action.name ? answer : { id: answer.id ?? "", ...fromArm(cluster, answer) };
    } catch (error) {
        throw new Error(`request failed ${path}: ${error instanceof Error ? error.message : error}`);
    }
}

/** Reads a resource that only its id and its name are of interest of. */
async function getOther(args: Properties, { azure, identity }: Surroundings, path: string): Promise<Properties> {
    const group = `/subscriptions/${identity.subscriptionId}/resourceGroups/${args.resourceGroupName}`;
    const query = { "api-version": "2024-01-01" };
    const { id, name, type } = await azure.send({ method: "GET", path: `${group}/providers/${path}`, query });
    return { id: id ?? "", name: name ?? "", type: type ?? "" };
}

/** The functions that the stand-in has, by token. */
export const functions: Record<string, Function> = {
    "azure-native:containerservice:listManagedClusterUserCredentials": (args, surroundings) =>
        onCluster(args, surroundings, {
            method: "POST",
            name: "listClusterUserCredential",
            query: optional(args, { serverFqdn: "server-fqdn", format: "format" }),
        }),
    "azure-native:containerservice:listManagedClusterAdminCredentials": (args, surroundings) =>
        onCluster(args, surroundings, {
            method: "POST",
            name: "listClusterAdminCredential",
            query: optional(args, { serverFqdn: "server-fqdn" }),
        }),
    "azure-native:containerservice:getManagedCluster": (args, surroundings) =>
        onCluster(args, surroundings, { method: "GET" }),
    "azure-native:containerservice:getFleet": (args, surroundings) =>
        getOther(args, surroundings, `Microsoft.ContainerService/fleets/${args.fleetName}`),
    "azure-native:kubernetes:getConnectedCluster": (args, surroundings) =>
        getOther(args, surroundings, `Microsoft.Kubernetes/connectedClusters/${args.clusterName}`),
    "azure-native:authorization:getClientConfig": async (_, { azure, identity }) => ({
        clientId: identity.clientId,
        objectId: String((await azure.token()).claims.oid ?? ""),
        subscriptionId: identity.subscriptionId,
        tenantId: identity.tenantId,
    }),
};
