import type { Client } from "./clients";

/** Who a user of Microsoft Entra ID is at an API server: its object id. Every one is an administrator of the cluster. */
export function entraIdUser({ objectId }: Client): { username: string; groups: string[] } {
    return { username: objectId, groups: ["system:masters"] };
}
