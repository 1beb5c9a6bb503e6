import type { IncomingMessage } from "node:http";
import type { RequestKind } from "./request-kind";

/** Whether a secret that was issued is in a text. */
export type HasSecret = (text: string) => boolean;

/** What is asked without being signed in: a token has no business there. */
const anonymous: readonly RequestKind[] = ["metadata", "discovery", "token"];

/** Whose body is to hold a secret: the proof of who somebody is, and the token for the API server. */
const secretBodies: readonly RequestKind[] = ["token", "runCommand"];

function mayHold(kind: RequestKind, header: string): boolean {
    switch (header) {
        case "authorization":
        case "x-ms-authorization-auxiliary":
            return !anonymous.includes(kind);
        case "x-identity-header":
            return kind === "managedIdentity";
        default:
            return false;
    }
}

/**
 * Where in a request there is a secret that does not belong there.
 *
 * @returns path, query, and the names of headers
 */
export function misplacedSecrets(kind: RequestKind, request: IncomingMessage, hasSecret: HasSecret): string[] {
    const [path = "", ...query] = (request.url ?? "").split("?");
    const headers = Object.entries(request.headers).filter(([name]) => !mayHold(kind, name));
    const places: [string, string][] = [
        ["path", path],
        ["query", query.join("?")],
        ...headers.map(([name, value = ""]): [string, string] => [name, String(value)]),
    ];
    return places.filter(([, text]) => hasSecret(text) || hasSecret(decoded(text))).map(([place]) => place);
}

/** Calls `found` where a secret is in a request's body that does not belong there, when all of it has come. */
export function watchBody(kind: RequestKind, request: IncomingMessage, hasSecret: HasSecret, found: () => void): void {
    if (secretBodies.includes(kind)) {
        return;
    }
    const chunks: Buffer[] = [];
    const { push } = request;
    // Whoever listens for data would take it from whoever handles the request.
    request.push = (chunk: Buffer | null, encoding) => {
        if (chunk !== null) {
            chunks.push(chunk);
        } else {
            const text = Buffer.concat(chunks).toString();
            if (hasSecret(text) || hasSecret(decoded(text))) {
                found();
            }
        }
        return push.call(request, chunk, encoding);
    };
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
        return text;
    }
}
