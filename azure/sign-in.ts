import {
    type AccessToken,
    AzureCliCredential,
    ClientAssertionCredential,
    ClientCertificateCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
    type TokenCredential,
} from "@azure/identity";
import type { Clues } from "../formats/aadsts";
import type { Cloud } from "./cloud";
import { connections, tlsOptions } from "./connections";
import { exemptLocalEndpoints } from "./local-endpoints";
import { proxyFor } from "./proxy";
import { tellAzError } from "./sign-in/az-cli-error";
import { readClientCertificate } from "./sign-in/client-certificate";
import { defaultClues } from "./sign-in/default-credential";
import { findOidcSource } from "./sign-in/oidc-token";
import { watchOutages } from "./sign-in/outage";
import { tellTenantError } from "./sign-in/tenant-error";
import { allowedTenants, ignoreCaseOfTenant } from "./sign-in/tenants";
import { type Environment, wayOf } from "./sign-in/way";
import { retryUnanswered } from "./unanswered";
import { userAgent } from "./user-agent";

/** A way to sign in. */
export interface SignIn {
    /** Its name, for messages. */
    way: string;
    credential: TokenCredential;
    /** What messages tell of it. */
    clues: Clues;
    /** How to connect, for every client of the Azure SDK: through which proxy, trusting which CAs. */
    connect: ReturnType<typeof connections>;
}

/**
 * Picks the way to sign in that azure-native would pick from the same environment: DefaultAzureCredential where
 * `ARM_USE_DEFAULT_AZURE_CREDENTIAL` asks for it, else client certificate, client secret, OIDC, managed identity,
 * and the az CLI when nothing is set. docs/sign-in.md has a table of them.
 *
 * @param subscriptionId what az is to sign in for. Default: ARM_SUBSCRIPTION_ID
 * @throws Error that names the variable which is missing or wrong, of a proxy too
 */
export function chooseSignIn(env: Environment, cloud: Cloud, subscriptionId = env.ARM_SUBSCRIPTION_ID): SignIn {
    exemptLocalEndpoints();
    const connect = connections(env);
    // A proxy that cannot be used is reported as such: MSAL would call it a network error of the sign-in.
    for (const url of [cloud.authority, cloud.resourceManager]) {
        proxyFor(new URL(url), env);
    }
    const outages = watchOutages(["secret", "certificate", "oidc"].includes(wayOf(env)));
    const { credential: chosen, ...signIn } = choose(env, cloud, [outages.policy, connect], subscriptionId);
    const { tenantId } = signIn.clues;
    const credential = ignoreCaseOfTenant(outages.watch(chosen), tenantId);
    const { authority } = cloud;
    return {
        ...signIn,
        connect,
        credential:
            tenantId === undefined || wayOf(env) === "azCli"
                ? credential
                : tellTenantError(credential, { authority, tenantId }, connect.policy),
    };
}

function choose(
    env: Environment,
    cloud: Cloud,
    policies: readonly SignIn["connect"][],
    subscriptionId: string | undefined,
): Omit<SignIn, "connect"> {
    const ofDefault = wayOf(env) === "default" ? defaultClues(process.env, env.ARM_TENANT_ID) : undefined;
    const additionallyAllowedTenants = allowedTenants(
        ofDefault === undefined ? env.ARM_TENANT_ID || undefined : ofDefault.tenantId,
        auxiliaryTenants(env.ARM_AUXILIARY_TENANT_IDS),
    );
    const options = () => ({
        authorityHost: cloud.authority,
        disableInstanceDiscovery: env.ARM_DISABLE_INSTANCE_DISCOVERY === "true" || Boolean(env.ARM_METADATA_HOSTNAME),
        userAgentOptions: { userAgentPrefix: userAgent },
        additionalPolicies: [retryUnanswered, ...policies],
        additionallyAllowedTenants,
        ...tlsOptions(env),
    });
    const { ARM_TENANT_ID: tenantId, ARM_CLIENT_ID: clientId } = env;
    switch (wayOf(env)) {
        case "default":
            return {
                way: "DefaultAzureCredential",
                credential: new DefaultAzureCredential({ ...options(), tenantId: tenantId || undefined }),
                clues: ofDefault ?? defaultClues(process.env, tenantId),
            };
        case "certificate": {
            const principal = requirePrincipal(env, "a client certificate");
            const path = env.ARM_CLIENT_CERTIFICATE_PATH ?? "";
            const password = env.ARM_CLIENT_CERTIFICATE_PASSWORD;
            return {
                way: "client certificate",
                credential: lazy(async () => {
                    const certificate = await readClientCertificate(path, password);
                    return new ClientCertificateCredential(
                        principal.tenantId,
                        principal.clientId,
                        { certificate },
                        options(),
                    );
                }),
                clues: { ...principal, proof: `ARM_CLIENT_CERTIFICATE_PATH ("${path}")` },
            };
        }
        case "secret": {
            const principal = requirePrincipal(env, "a client secret");
            return {
                way: "client secret",
                credential: new ClientSecretCredential(
                    principal.tenantId,
                    principal.clientId,
                    env.ARM_CLIENT_SECRET ?? "",
                    options(),
                ),
                clues: { ...principal, proof: "ARM_CLIENT_SECRET" },
            };
        }
        case "oidc": {
            const principal = requirePrincipal(env, "OIDC");
            const { way, variable, getToken } = findOidcSource(env);
            return {
                way,
                credential: new ClientAssertionCredential(principal.tenantId, principal.clientId, getToken, options()),
                clues: { ...principal, proof: variable },
            };
        }
        case "managedIdentity":
            return {
                way: "managed identity",
                credential: new ManagedIdentityCredential({ ...options(), ...(clientId && { clientId }) }),
                clues: { clientId: clientId || undefined, proof: "the managed identity" },
            };
        case "azCli": {
            const az = (subscription?: string) => {
                const asked = { tenantId: tenantId || undefined, subscription };
                return tellAzError(new AzureCliCredential({ ...asked, additionallyAllowedTenants }), asked);
            };
            // az takes the one or the other: where a tenant is asked for, as for an API server, no subscription.
            const [ofSubscription, ofTenant] = [az(tenantId ? undefined : subscriptionId || undefined), az()];
            return {
                way: "az CLI",
                credential: {
                    getToken: (scopes, asked) => (asked?.tenantId ? ofTenant : ofSubscription).getToken(scopes, asked),
                },
                clues: {
                    tenantId: tenantId || undefined,
                    proof: "az login",
                    variables: {
                        clientId: "the account of az login",
                        tenantId: tenantId ? "ARM_TENANT_ID" : "its tenant (az account show)",
                    },
                },
            };
        }
    }
}

function requirePrincipal(env: Environment, way: string): { tenantId: string; clientId: string } {
    const { ARM_TENANT_ID: tenantId, ARM_CLIENT_ID: clientId } = env;
    if (!tenantId || !clientId) {
        const missing = [!tenantId && "ARM_TENANT_ID", !clientId && "ARM_CLIENT_ID"].filter(Boolean);
        throw new Error(
            `To sign in to Azure with ${way}, ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing. ` +
                `Set ${missing.length > 1 ? "them" : "it"} and try again.`,
        );
    }
    return { tenantId, clientId };
}

/** Tenants in which tokens may be asked for besides ARM_TENANT_ID: a JSON list, as azure-native has it. */
function auxiliaryTenants(text: string | undefined): string[] {
    if (!text) {
        return [];
    }
    if (!text.trim().startsWith("[")) {
        return text.split(/[;,\s]+/).filter(Boolean);
    }
    try {
        const list: unknown = JSON.parse(text);
        if (Array.isArray(list) && list.every((id) => typeof id === "string")) {
            return list;
        }
    } catch {
        // The same to the user as a list of something else.
    }
    throw new Error('ARM_AUXILIARY_TENANT_IDS must be a JSON list of tenant ids, such as ["id", "id"].');
}

/** A credential that is made when it is first asked. */
function lazy(make: () => Promise<TokenCredential>): TokenCredential {
    let made: Promise<TokenCredential> | undefined;
    return {
        getToken: async (...args): Promise<AccessToken | null> => {
            made ??= make();
            return (await made).getToken(...args);
        },
    };
}
