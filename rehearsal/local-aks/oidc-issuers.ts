import { randomBytes, randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from "jose";
import type { Cloud } from "./cloud";

const ALGORITHM = "ES256";

/** Audience of tokens that are meant for Entra. */
export const tokenExchangeAudience = "api://AzureADTokenExchange";

/** Whose issuer a stand-in is: each hands out its tokens in its own way. Kubernetes' come in a file. */
export type IssuerKind = "github" | "azureDevOps" | "kubernetes";

/** A stand-in for the issuer of a pipeline's or a cluster's identity tokens, as its user sees it. */
export interface OidcIssuer {
    /** URL, as it stands in its tokens. */
    issuer: string;
    /** Of the tokens that are asked for at `requestUrl`. */
    subject: string;
    /** Where a job asks for a token. */
    requestUrl: string;
    /** What the job shows there. */
    requestToken: string;
    /** Azure DevOps: what the job asks a token for. */
    serviceConnectionId: string;
}

/** What a token is to say. */
export interface IdentityToken {
    /** Default: the issuer's. */
    subject?: string;
    /** Default: api://AzureADTokenExchange. */
    audience?: string;
    /** How long it lasts; negative: it has expired. Default: 300. */
    seconds?: number;
    /** Signed with a key that the issuer does not have. Default: false. */
    forged?: boolean;
}

interface Entry extends OidcIssuer {
    kind: IssuerKind;
    keys: GenerateKeyPairResult;
    keyId: string;
}

/** The stand-ins for OpenID Connect issuers. */
export class OidcIssuers {
    readonly #entries = new Map<string, Entry>();

    constructor(
        private readonly cloud: Cloud,
        private readonly url: () => string,
    ) {}

    /** Makes one. */
    async add(kind: IssuerKind, subject: string): Promise<OidcIssuer> {
        const name = `${kind.toLowerCase()}-${this.#entries.size + 1}`;
        const issuer = `${this.url()}/_oidc/${name}`;
        const entry: Entry = {
            kind,
            issuer,
            subject,
            requestUrl: `${issuer}/token`,
            requestToken: randomBytes(24).toString("base64url"),
            serviceConnectionId: randomUUID(),
            keys: await generateKeyPair(ALGORITHM),
            keyId: randomUUID(),
        };
        this.cloud.secrets.addToken(entry.requestToken);
        this.#entries.set(name, entry);
        const { kind: _kind, keys: _keys, keyId: _keyId, ...shown } = entry;
        return shown;
    }

    /** A token of an issuer. @throws Error if there is no such issuer */
    async token(issuer: string, token: IdentityToken = {}): Promise<string> {
        const entry = [...this.#entries.values()].find((candidate) => candidate.issuer === issuer);
        if (entry === undefined) {
            throw new Error(`There is no issuer ${issuer}.`);
        }
        return this.#sign(entry, token);
    }

    /** Registers their endpoints. */
    register(server: FastifyInstance): void {
        type Of = { Params: { issuer: string }; Querystring: Record<string, string | undefined> };
        const of = (name: string) => this.#entries.get(name.toLowerCase());
        server.get<Of>("/_oidc/:issuer/.well-known/openid-configuration", ({ params }, reply) => {
            const entry = of(params.issuer);
            return entry === undefined
                ? notFound(reply)
                : {
                      issuer: entry.issuer,
                      jwks_uri: `${entry.issuer}/keys`,
                      subject_types_supported: ["public"],
                      response_types_supported: ["id_token"],
                      id_token_signing_alg_values_supported: [ALGORITHM],
                  };
        });
        server.get<Of>("/_oidc/:issuer/keys", async ({ params }, reply) => {
            const entry = of(params.issuer);
            if (entry === undefined) {
                return notFound(reply);
            }
            const key = await exportJWK(entry.keys.publicKey);
            return { keys: [{ ...key, use: "sig", kid: entry.keyId, alg: ALGORITHM }] };
        });
        server.get<Of>("/_oidc/:issuer/token", async ({ params, query, headers }, reply) => {
            const entry = of(params.issuer);
            if (entry?.kind !== "github") {
                return notFound(reply);
            }
            if (headers.authorization !== `Bearer ${entry.requestToken}`) {
                return reply.status(401).send({ message: "The request token is not valid." });
            }
            return { count: 1, value: await this.#sign(entry, { audience: query.audience }) };
        });
        server.post<Of>("/_oidc/:issuer/token", async ({ params, query, headers }, reply) => {
            const entry = of(params.issuer);
            if (entry?.kind !== "azureDevOps") {
                return notFound(reply);
            }
            if (headers.authorization !== `Bearer ${entry.requestToken}`) {
                return reply.status(401).send({ message: "The access token is not valid." });
            }
            if (!query["api-version"]) {
                return reply.status(400).send({ message: "No api-version was supplied for the POST request." });
            }
            if (query.serviceConnectionId !== entry.serviceConnectionId) {
                return reply.status(404).send({ message: "There is no such service connection." });
            }
            return { oidcToken: await this.#sign(entry, {}) };
        });
    }

    async #sign(entry: Entry, token: IdentityToken): Promise<string> {
        const { subject = entry.subject, audience = tokenExchangeAudience, seconds = 300, forged = false } = token;
        const now = Math.floor(this.cloud.clock.now() / 1000);
        const { privateKey } = forged ? await generateKeyPair(ALGORITHM) : entry.keys;
        const signed = await new SignJWT()
            .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: entry.keyId })
            .setIssuer(entry.issuer)
            .setSubject(subject)
            .setAudience(audience)
            .setIssuedAt(Math.min(now, now + seconds - 60))
            .setExpirationTime(now + seconds)
            .setJti(randomUUID())
            .sign(privateKey);
        this.cloud.secrets.addToken(signed);
        return signed;
    }
}

function notFound(reply: FastifyReply): FastifyReply {
    return reply.status(404).send({ message: "There is no such issuer, or it hands out no tokens in this way." });
}
