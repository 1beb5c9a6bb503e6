import { dirname, join } from "node:path";
import type { LocalAks } from "./local-aks";

/** What az calls the local AKS. */
const CLOUD = "LocalAks";

/** The endpoints of a cloud that az signs in and manages clusters with; those of a local AKS are all the same. */
const ENDPOINTS = [
    "resource-manager",
    "management",
    "active-directory",
    "active-directory-resource-id",
    "active-directory-graph-resource-id",
    "microsoft-graph-resource-id",
];

/** Variables with which az reaches a local AKS, with a configuration of its own that ends with it. */
export function azEnvironment({ caFile }: Pick<LocalAks, "caFile">): Record<string, string> {
    return {
        AZURE_CONFIG_DIR: join(dirname(caFile), "az"),
        AZURE_CORE_COLLECT_TELEMETRY: "false",
        AZURE_CORE_INSTANCE_DISCOVERY: "false",
        REQUESTS_CA_BUNDLE: caFile,
    };
}

/** Arguments of the az that makes a local AKS known. */
export function azCloudRegister({ url }: Pick<LocalAks, "url">): string[] {
    const endpoints = ENDPOINTS.flatMap((name) => [`--endpoint-${name}`, url]);
    return ["cloud", "register", "--name", CLOUD, ...endpoints];
}

/** Arguments of the az that turns to it. */
export const azCloudSet = ["cloud", "set", "--name", CLOUD];

/** Arguments of the az that signs in there as a service principal. */
export function azLogin(clientId: string, secret: string, tenantId: string): string[] {
    return ["login", "--service-principal", "--username", clientId, "--password", secret, "--tenant", tenantId];
}
