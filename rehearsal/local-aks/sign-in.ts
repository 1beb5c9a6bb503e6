import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { decodeJwt, exportJWK, type GenerateKeyPairResult, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { ArmError } from "./arm-error";
import { checkProof } from "./client-proof";
import type { Client } from "./clients";
import type { Cloud } from "./cloud";
import { AKS_SERVER_APPLICATION } from "./cluster-kind";
import { EntraError } from "./entra-error";
import type { FindKeys } from "./federation";

const ALGORITHM = "ES256";

/** Gives a client a token. */
export type GiveToken = (
    client: Client,
    audience: string,
) => Promise<{ token: string /** Seconds since 1970. */; expires: number; seconds: number }>;

/** The sign-in service: gives out access tokens, and knows its own again. */
export class SignIn {
    /** How long tokens last, seconds; 0 or less gives out tokens that have expired. */
    tokenSeconds = 3600;

    private constructor(
        private readonly cloud: Cloud,
        /** Of the whole local AKS; it is known only once the server listens. */
        private readonly url: () => string,
        private readonly keys: GenerateKeyPairResult,
        private readonly keyId: string,
        private readonly findKeys: FindKeys,
    ) {}

    /** @param findKeys the keys of those whose tokens clients can sign in with */
    static async create(cloud: Cloud, url: () => string, findKeys: FindKeys): Promise<SignIn> {
        return new SignIn(cloud, url, await generateKeyPair(ALGORITHM), randomUUID(), findKeys);
    }

    /** Registers its endpoints. */
    register(server: FastifyInstance): void {
        server.register(async (entra) => {
            entra.setErrorHandler((error, _request, reply) => {
                const refusal =
                    error instanceof EntraError
                        ? error
                        : new EntraError(400, "invalid_request", 900144, (error as Error).message);
                reply.status(refusal.status).send(refusal.body(this.cloud.clock.date()));
            });
            type Tenant = { Params: { tenant: string } };
            for (const version of ["", "/v2.0"]) {
                entra.get<Tenant>(`/:tenant${version}/.well-known/openid-configuration`, ({ params }) =>
                    this.#configuration(params.tenant, version),
                );
                entra.get<Tenant>(`/:tenant/discovery${version}/keys`, () => this.#jsonWebKeys());
                entra.post<Tenant>(`/:tenant/oauth2${version}/token`, ({ params, body }) =>
                    this.#token(params.tenant, body as Record<string, string>),
                );
            }
            entra.get("/common/discovery/instance", () => this.#instances());
        });
    }

    /**
     * Finds out who sends a request to Azure Resource Manager.
     *
     * @throws ArmError 401.
     */
    async authenticate(authorization: string | undefined): Promise<Client> {
        const [scheme, token] = authorization?.split(" ") ?? [];
        if (scheme?.toLowerCase() !== "bearer" || !token) {
            throw this.#unauthorized(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing or has an invalid scheme.",
            );
        }
        const now = this.cloud.clock.date();
        const expected = { issuer: [...this.cloud.tenants].map((id) => this.#issuer("", id)), currentDate: now };
        const claims = await jwtVerify(token, this.keys.publicKey, expected).then(
            ({ payload }) => payload,
            (error: Error & { code?: string }) => {
                throw error.code === "ERR_JWT_EXPIRED"
                    ? this.#unauthorized(
                          "ExpiredAuthenticationToken",
                          `The access token has expired: ${expiry(token, now)}`,
                      )
                    : this.#unauthorized("InvalidAuthenticationToken", "The access token is invalid.");
            },
        );
        if (claims.aud !== this.url()) {
            throw this.#unauthorized(
                "InvalidAuthenticationTokenAudience",
                `The access token has been obtained for wrong audience or resource '${claims.aud}'. It should exactly ` +
                    `match with one of the allowed audiences '${this.url()}','${this.url()}/'.`,
            );
        }
        if (claims.tid !== this.cloud.tenantId) {
            throw this.#unauthorized(
                "InvalidAuthenticationTokenTenant",
                `The access token is from the wrong issuer '${claims.iss}'. It must match the tenant ` +
                    `'${this.#issuer("", this.cloud.tenantId)}' associated with this subscription. Please use the ` +
                    `authority (URL) '${this.url()}/${this.cloud.tenantId}' to get the token.`,
            );
        }
        const client = this.cloud.clients.get(String(claims.appid));
        if (!client) {
            throw this.#unauthorized("InvalidAuthenticationToken", "The client of the access token is unknown.");
        }
        return client;
    }

    /** Whose token it is, if it is one for AKS clusters: what an API server with Microsoft Entra ID asks itself. */
    async userOf(token: string): Promise<Client | undefined> {
        const expected = {
            issuer: this.#issuer("", this.cloud.tenantId),
            audience: AKS_SERVER_APPLICATION,
            currentDate: this.cloud.clock.date(),
        };
        const claims = await jwtVerify(token, this.keys.publicKey, expected).catch(() => undefined);
        return claims && this.cloud.clients.get(String(claims.payload.appid));
    }

    /** Gives a client a token of a tenant: the first, where none is named. */
    async giveToken(client: Client, audience: string, tenantId = this.cloud.tenantId) {
        const expires = Math.floor(this.cloud.clock.now() / 1000) + this.tokenSeconds;
        return { token: await this.#sign(client, audience, expires, tenantId), expires, seconds: this.tokenSeconds };
    }

    async #token(named: string, form: Record<string, string>): Promise<object> {
        const tenant = this.#findTenant(named);
        const { grant_type: grant, client_id: clientId, scope, resource } = form ?? {};
        if (grant !== "client_credentials") {
            throw new EntraError(
                400,
                "unsupported_grant_type",
                70003,
                `The grant type '${grant}' is not supported here.`,
            );
        }
        const client = this.cloud.clients.get(clientId ?? "");
        if (!client?.tenants.has(tenant)) {
            throw new EntraError(
                400,
                "unauthorized_client",
                700016,
                `Application with identifier '${clientId}' was not found in the directory '${named}'. This can happen ` +
                    "if the application has not been installed by the administrator of the tenant or consented to by " +
                    "any user in the tenant. You may have sent your authentication request to the wrong tenant.",
            );
        }
        await checkProof(client, form, {
            clock: this.cloud.clock,
            tokenEndpoint: `${this.url()}/${tenant}`,
            findKeys: this.findKeys,
        });
        const audience = (resource ?? scope?.replace(/\/\.default$/, "") ?? "").replace(/\/+$/, "");
        if (audience === "") {
            throw new EntraError(
                400,
                "invalid_request",
                900144,
                "The request body must contain 'scope' or 'resource'.",
            );
        }
        const { token, expires, seconds } = await this.giveToken(client, audience, tenant);
        return {
            token_type: "Bearer",
            // Clients that are told of no lifetime would not use the token at all.
            expires_in: Math.max(seconds, 1),
            ext_expires_in: Math.max(seconds, 1),
            ...(resource !== undefined && { expires_on: String(expires), resource }),
            access_token: token,
        };
    }

    async #sign(client: Client, audience: string, expires: number, tenantId: string): Promise<string> {
        const now = Math.floor(this.cloud.clock.now() / 1000);
        const token = await new SignJWT({
            appid: client.clientId,
            appidacr: "1",
            idp: this.#issuer("", tenantId),
            oid: client.objectId,
            sub: client.objectId,
            tid: tenantId,
            ver: "1.0",
        })
            .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: this.keyId })
            .setIssuer(this.#issuer("", tenantId))
            .setAudience(audience)
            .setIssuedAt(Math.min(now, expires - 60))
            .setNotBefore(Math.min(now, expires - 60))
            .setExpirationTime(expires)
            .setJti(randomUUID())
            .sign(this.keys.privateKey);
        this.cloud.secrets.addToken(token);
        return token;
    }

    #configuration(named: string, version: string): object {
        const tenant = this.#findTenant(named);
        const base = `${this.url()}/${tenant}`;
        return {
            issuer: this.#issuer(version, tenant),
            authorization_endpoint: `${base}/oauth2${version}/authorize`,
            token_endpoint: `${base}/oauth2${version}/token`,
            device_authorization_endpoint: `${base}/oauth2${version}/devicecode`,
            end_session_endpoint: `${base}/oauth2${version}/logout`,
            jwks_uri: `${base}/discovery${version}/keys`,
            token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
            response_types_supported: ["code", "id_token", "token"],
            response_modes_supported: ["query", "fragment", "form_post"],
            subject_types_supported: ["pairwise"],
            id_token_signing_alg_values_supported: [ALGORITHM],
            scopes_supported: ["openid"],
            claims_supported: ["aud", "exp", "iss", "oid", "tid"],
            tenant_region_scope: "EU",
            cloud_instance_name: new URL(this.url()).host,
        };
    }

    async #jsonWebKeys(): Promise<object> {
        const key = await exportJWK(this.keys.publicKey);
        return { keys: [{ ...key, use: "sig", kid: this.keyId, alg: ALGORITHM }] };
    }

    #instances(): object {
        const { host } = new URL(this.url());
        return {
            tenant_discovery_endpoint: `${this.url()}/${this.cloud.tenantId}/v2.0/.well-known/openid-configuration`,
            "api-version": "1.1",
            metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
        };
    }

    #issuer(version: string, tenant: string): string {
        return `${this.url()}/${tenant}${version || "/"}`;
    }

    /** The tenant that a path names. */
    #findTenant(named: string): string {
        const name = named.toLowerCase();
        const tenant = this.cloud.domains.get(name) ?? name;
        if (["common", "organizations"].includes(tenant)) {
            return this.cloud.tenantId;
        }
        if (!this.cloud.tenants.has(tenant)) {
            throw new EntraError(
                400,
                "invalid_tenant",
                90002,
                `Tenant '${named}' not found. Check to make sure you have the correct tenant ID and are signing into ` +
                    "the correct cloud. Check with your subscription administrator, this may happen if there are no " +
                    "active subscriptions for the tenant.",
            );
        }
        return tenant;
    }

    #unauthorized(code: string, message: string): ArmError {
        return new ArmError(401, code, message, "arm", {
            "www-authenticate":
                `Bearer authorization_uri="${this.url()}/${this.cloud.tenantId}", error="invalid_token", ` +
                `error_description="${message.replaceAll('"', "'")}"`,
        });
    }
}

function expiry(token: string, now: Date): string {
    const { exp = 0 } = decodeJwt(token);
    const at = new Date(exp * 1000).toUTCString();
    return `its expiry UTC time '${at}' is earlier than current UTC time '${now.toUTCString()}'.`;
}
