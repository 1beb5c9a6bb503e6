import { readFile } from "node:fs/promises";
import {
    AzureCliCredential,
    ClientAssertionCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    type TokenCredential,
} from "@azure/identity";
import type { Cloud } from "./cloud";
import { retryUnanswered } from "./unanswered";
import { userAgent } from "./user-agent";

type Environment = Record<string, string | undefined>;

/** A way to sign in, and its name for messages. */
export interface SignIn {
    way: string;
    credential: TokenCredential;
}

/**
 * Picks the way to sign in that azure-native would pick from the same environment: DefaultAzureCredential where
 * `ARM_USE_DEFAULT_AZURE_CREDENTIAL` asks for it, else client certificate, client secret, OIDC, managed identity,
 * and the az CLI when nothing is set.
 *
 * @throws Error that names the variable which is missing
 */
export function chooseSignIn(env: Environment, cloud: Cloud): SignIn {
    const options = {
        authorityHost: cloud.authority,
        disableInstanceDiscovery: isTrue(env.ARM_DISABLE_INSTANCE_DISCOVERY) || Boolean(env.ARM_METADATA_HOSTNAME),
        userAgentOptions: { userAgentPrefix: userAgent },
        additionalPolicies: [retryUnanswered],
        additionallyAllowedTenants: (env.ARM_AUXILIARY_TENANT_IDS ?? "").split(/[;,]/).filter(Boolean),
    };
    if (isTrue(env.ARM_USE_DEFAULT_AZURE_CREDENTIAL)) {
        return { way: "DefaultAzureCredential", credential: new DefaultAzureCredential(options) };
    }
    if (env.ARM_CLIENT_CERTIFICATE_PATH) {
        const [tenant, client] = principal(env, "a client certificate");
        const certificate = {
            certificatePath: env.ARM_CLIENT_CERTIFICATE_PATH,
            certificatePassword: env.ARM_CLIENT_CERTIFICATE_PASSWORD,
        };
        return {
            way: "client certificate",
            credential: new ClientCertificateCredential(tenant, client, certificate, options),
        };
    }
    if (env.ARM_CLIENT_SECRET) {
        const [tenant, client] = principal(env, "a client secret");
        return {
            way: "client secret",
            credential: new ClientSecretCredential(tenant, client, env.ARM_CLIENT_SECRET, options),
        };
    }
    if (isTrue(env.ARM_USE_OIDC)) {
        const [tenant, client] = principal(env, "OIDC");
        return { way: "OIDC", credential: new ClientAssertionCredential(tenant, client, oidcToken(env), options) };
    }
    if (isTrue(env.ARM_USE_MSI)) {
        const identity = env.ARM_CLIENT_ID ? { clientId: env.ARM_CLIENT_ID } : {};
        return { way: "managed identity", credential: new ManagedIdentityCredential(identity) };
    }
    return { way: "az CLI", credential: new AzureCliCredential({ tenantId: env.ARM_TENANT_ID || undefined }) };
}

function principal(env: Environment, way: string): [tenant: string, client: string] {
    const { ARM_TENANT_ID, ARM_CLIENT_ID } = env;
    if (!ARM_TENANT_ID || !ARM_CLIENT_ID) {
        const missing = ARM_TENANT_ID ? "ARM_CLIENT_ID" : "ARM_TENANT_ID";
        throw new Error(`To sign in to Azure with ${way}, ${missing} is missing. Set it and run pulumi up again.`);
    }
    return [ARM_TENANT_ID, ARM_CLIENT_ID];
}

function oidcToken(env: Environment): () => Promise<string> {
    const { ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH } = env;
    if (ARM_OIDC_TOKEN) {
        return async () => ARM_OIDC_TOKEN;
    }
    if (ARM_OIDC_TOKEN_FILE_PATH) {
        return () => readFile(ARM_OIDC_TOKEN_FILE_PATH, "utf8").then((text) => text.trim());
    }
    const url = env.ARM_OIDC_REQUEST_URL || env.ACTIONS_ID_TOKEN_REQUEST_URL;
    const bearer = env.ARM_OIDC_REQUEST_TOKEN || env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
    if (!url || !bearer) {
        throw new Error(
            "ARM_USE_OIDC is set, but there is no token: set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH, " +
                "or in GitHub Actions give the job the permission `id-token: write`.",
        );
    }
    return () => requestedToken(url, bearer);
}

async function requestedToken(url: string, bearer: string): Promise<string> {
    const request = new URL(url);
    request.searchParams.set("audience", "api://AzureADTokenExchange");
    const response = await fetch(request, { headers: { authorization: `Bearer ${bearer}` } });
    if (!response.ok) {
        throw new Error(`The request for an OIDC token to ${request.host} was answered ${response.status}.`);
    }
    return ((await response.json()) as { value: string }).value;
}

function isTrue(value: string | undefined): boolean {
    return value === "true" || value === "1";
}
