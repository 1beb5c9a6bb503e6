import { randomBytes, randomUUID } from "node:crypto";
import type { IssuedSecrets } from "./issued-secrets";

/** A service principal that can sign in. */
export interface Client {
    clientId: string;
    objectId: string;
    secret: string;
    /** Actions it may not do, lower case; everything else it may. */
    denied: Set<string>;
}

/** The service principals of the tenant. */
export class Clients {
    readonly #clients = new Map<string, Client>();

    constructor(private readonly secrets: IssuedSecrets) {}

    /** Makes a service principal that may do everything. */
    add(): Client {
        const client = {
            clientId: randomUUID(),
            objectId: randomUUID(),
            // Entra's have three characters, 8Q~ and more; so does this one, for tools that look for such secrets.
            secret: `${randomBytes(2).toString("hex").slice(0, 3)}8Q~${randomBytes(24).toString("base64url")}`,
            denied: new Set<string>(),
        };
        this.secrets.addToken(client.secret);
        this.#clients.set(client.clientId, client);
        return client;
    }

    get(clientId: string): Client | undefined {
        return this.#clients.get(clientId.toLowerCase());
    }

    all(): Client[] {
        return [...this.#clients.values()];
    }
}
