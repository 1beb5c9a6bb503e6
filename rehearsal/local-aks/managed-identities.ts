import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Client } from "./clients";
import type { Cloud } from "./cloud";
import type { GiveToken } from "./sign-in";

/** The identities of the machine that the local AKS plays: what IMDS and App Service's endpoint give tokens for. */
export class ManagedIdentities {
    /** The machine's own. */
    #system: Client | undefined;
    readonly #assigned = new Map<string, Client>();
    /** What is shown to App Service's endpoint. */
    readonly identityHeader = randomBytes(24).toString("base64url");

    constructor(
        private readonly cloud: Cloud,
        private readonly giveToken: GiveToken,
    ) {
        cloud.secrets.addToken(this.identityHeader);
    }

    /** Gives the machine an identity: its own, or one assigned to it by a user. */
    add(kind: "system" | "user"): Client {
        const client = this.cloud.clients.add();
        if (kind === "system") {
            this.#system = client;
        } else {
            this.#assigned.set(client.clientId, client);
        }
        return client;
    }

    /** Registers IMDS, at its own path, and App Service's endpoint. */
    register(server: FastifyInstance): void {
        type Asked = { Querystring: Record<string, string | undefined> };
        server.get<Asked>("/metadata/identity/oauth2/token", ({ query, headers }, reply) =>
            headers.metadata === "true"
                ? this.#answer(query, query.client_id, reply)
                : refuse(reply, "invalid_request", "Required metadata header not specified"),
        );
        server.get<Asked>("/_app-service/token", ({ query, headers }, reply) =>
            headers["x-identity-header"] === this.identityHeader
                ? this.#answer(query, query.client_id, reply)
                : reply.status(401).send({ statusCode: 401, message: "The X-IDENTITY-HEADER is not valid." }),
        );
    }

    async #answer(
        query: Record<string, string | undefined>,
        clientId: string | undefined,
        reply: FastifyReply,
    ): Promise<unknown> {
        const { resource } = query;
        if (!resource || !query["api-version"]) {
            return refuse(reply, "invalid_request", "Required query variable 'resource' or 'api-version' is missing");
        }
        const client = clientId === undefined ? this.#only() : this.#assigned.get(clientId.toLowerCase());
        if (client === undefined) {
            return refuse(reply, "invalid_request", "Identity not found");
        }
        const { token, expires, seconds } = await this.giveToken(client, resource.replace(/\/+$/, ""));
        return {
            access_token: token,
            client_id: client.clientId,
            expires_in: String(Math.max(seconds, 1)),
            expires_on: String(expires),
            resource,
            token_type: "Bearer",
        };
    }

    /** As IMDS: the machine's own identity, or the only one that is assigned. */
    #only(): Client | undefined {
        return this.#system ?? (this.#assigned.size === 1 ? [...this.#assigned.values()][0] : undefined);
    }
}

function refuse(reply: FastifyReply, error: string, description: string): FastifyReply {
    return reply.status(400).send({ error, error_description: description });
}
