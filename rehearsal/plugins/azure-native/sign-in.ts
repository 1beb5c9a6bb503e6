import { readFile } from "node:fs/promises";
import type { Cloud } from "./cloud";

/** Who the plugin is to be: the provider's arguments, else the `ARM_*` environment. */
export interface Identity {
    subscriptionId: string;
    tenantId: string;
    clientId: string;
    clientSecret: string;
    oidcToken: string;
    oidcTokenFilePath: string;
    useOidc: boolean;
    metadataHost: string;
}

/** Reads who to be from the provider's configuration and the environment. */
export function readIdentity(variables: Record<string, string>, environment: NodeJS.ProcessEnv): Identity {
    const either = (name: string, variable: string) => variables[name] || environment[variable] || "";
    return {
        subscriptionId: either("subscriptionId", "ARM_SUBSCRIPTION_ID"),
        tenantId: either("tenantId", "ARM_TENANT_ID"),
        clientId: either("clientId", "ARM_CLIENT_ID"),
        clientSecret: either("clientSecret", "ARM_CLIENT_SECRET"),
        oidcToken: either("oidcToken", "ARM_OIDC_TOKEN"),
        oidcTokenFilePath: either("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH"),
        useOidc: either("useOidc", "ARM_USE_OIDC") === "true",
        metadataHost: either("metadataHost", "ARM_METADATA_HOSTNAME"),
    };
}

/** A token, and until when it may be used. */
export interface Token {
    value: string;
    /** Milliseconds since 1970. */
    expires: number;
    /** What the token says of its bearer, for example `oid`. */
    claims: Record<string, unknown>;
}

interface TokenAnswer {
    access_token?: string;
    expires_in?: number;
    error?: string;
    error_description?: string;
}

function claimsOf(token: string): Record<string, unknown> {
    try {
        return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    } catch {
        return {};
    }
}

async function proof(identity: Identity): Promise<Record<string, string>> {
    const { clientSecret, oidcToken, oidcTokenFilePath, useOidc } = identity;
    if (useOidc) {
        const assertion = oidcToken || (oidcTokenFilePath && (await readFile(oidcTokenFilePath, "utf8")).trim());
        if (assertion) {
            const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            return { client_assertion: assertion, client_assertion_type };
        }
    }
    if (clientSecret) {
        return { client_secret: clientSecret };
    }
    throw new Error(
        "no Azure credentials: set ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET, or ARM_USE_OIDC and ARM_OIDC_TOKEN (the stand-in for azure-native knows no other way to sign in)",
    );
}

/**
 * Signs in and gets a token for Resource Manager.
 *
 * @throws Error with the sign-in service's own text, which begins with a code such as AADSTS7000215.
 */
export async function signIn(identity: Identity, cloud: Cloud): Promise<Token> {
    const { clientId, tenantId } = identity;
    const given = await proof(identity);
    const kind = "client_assertion" in given ? "ClientAssertionCredential" : "ClientSecretCredential";
    const form = {
        grant_type: "client_credentials",
        client_id: clientId,
        scope: `${cloud.audience}/.default`,
        ...given,
    };
    const url = `${cloud.login}/${tenantId}/oauth2/v2.0/token`;
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    const answer = (await response.json().catch(() => ({}))) as TokenAnswer;
    if (!response.ok || !answer.access_token) {
        const reason = answer.error_description ?? answer.error ?? "no token in the answer";
        throw new Error(`${kind} authentication failed. POST ${url}: RESPONSE ${response.status}: ${reason}`);
    }
    const seconds = answer.expires_in ?? 3600;
    return {
        value: answer.access_token,
        expires: Date.now() + seconds * 1000,
        claims: claimsOf(answer.access_token),
    };
}
