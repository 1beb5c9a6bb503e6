import { randomBytes, randomUUID } from "node:crypto";
import type { IssuedSecrets } from "./issued-secrets";

/** Whose tokens are taken as a client's own: a federated identity credential. All three must match, letter by letter. */
export interface FederatedCredential {
    /** URL of the token's issuer, where its OpenID configuration is. */
    issuer: string;
    subject: string;
    audience: string;
}

/** A service principal that can sign in. */
export interface Client {
    clientId: string;
    objectId: string;
    secret: string;
    /** Whether the secret's time is over. */
    secretExpired: boolean;
    /** PEM of each certificate that is registered. */
    certificates: string[];
    federated: FederatedCredential[];
    /** The tenants that know it, lower case. */
    tenants: Set<string>;
    /** Actions it may not do, lower case; everything else it may. */
    denied: Set<string>;
}

/** The service principals of the cloud. */
export class Clients {
    readonly #clients = new Map<string, Client>();

    constructor(
        private readonly secrets: IssuedSecrets,
        private readonly tenantId: string,
    ) {}

    /** Makes a service principal of the first tenant that may do everything. */
    add(): Client {
        const client: Client = {
            clientId: randomUUID(),
            objectId: randomUUID(),
            secret: "",
            secretExpired: false,
            certificates: [],
            federated: [],
            tenants: new Set([this.tenantId]),
            denied: new Set<string>(),
        };
        this.renewSecret(client);
        this.#clients.set(client.clientId, client);
        return client;
    }

    /** Gives a client another secret, in place of the one it has. */
    renewSecret(client: Client): string {
        // Entra's have three characters, 8Q~ and more; so does this one, for tools that look for such secrets.
        client.secret = `${randomBytes(2).toString("hex").slice(0, 3)}8Q~${randomBytes(24).toString("base64url")}`;
        client.secretExpired = false;
        this.secrets.addToken(client.secret);
        return client.secret;
    }

    get(clientId: string): Client | undefined {
        return this.#clients.get(clientId.toLowerCase());
    }

    all(): Client[] {
        return [...this.#clients.values()];
    }
}
