import type { Client } from "./clients";

/** Who a user of Microsoft Entra ID is at an API server. */
export interface EntraIdUser {
    username: string;
    groups: string[];
    /** Why the user may not see what is at a path; undefined: it may. */
    refuses: (path: string) => string | undefined;
}

/**
 * Who a user of Microsoft Entra ID is at an API server: its object id. Every one is an administrator of the cluster, but
 * that a light API server asks Azure RBAC for ConfigMaps, as it does where that is enabled.
 */
export function entraIdUser({ objectId, denied }: Client): EntraIdUser {
    const action = "Microsoft.ContainerService/managedClusters/configmaps/read";
    return {
        username: objectId,
        groups: ["system:masters"],
        refuses: (path) =>
            path.includes("/configmaps/") && denied.has(action.toLowerCase())
                ? `configmaps is forbidden: User "${objectId}" cannot get resource "configmaps": User does not have access ` +
                  "to the resource in Azure. Update role assignment to allow access."
                : undefined,
    };
}
