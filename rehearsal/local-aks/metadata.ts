import type { FastifyInstance } from "fastify";
import type { Cloud } from "./cloud";

/** Registers what tells clients of the cloud: where Azure Resource Manager is, and where to sign in. */
export function registerMetadata(server: FastifyInstance, cloud: Cloud, url: () => string): void {
    server.get("/metadata/endpoints", () => ({
        name: "LocalAks",
        portal: url(),
        resourceManager: url(),
        graph: url(),
        microsoftGraphResourceId: url(),
        authentication: {
            loginEndpoint: url(),
            audiences: [url()],
            tenant: cloud.tenantId,
            identityProvider: "AAD",
        },
        suffixes: {
            acrLoginServer: "azurecr.local",
            keyVaultDns: "vault.azure.local",
            storage: "core.windows.local",
            sqlServerHostname: "database.windows.local",
        },
    }));
}
