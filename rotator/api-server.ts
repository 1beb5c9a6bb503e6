import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import type { Kubeconfig } from "../formats/kubeconfig";

/** Where an API server is. */
export type Address = Pick<Kubeconfig, "server" | "serverName">;

/** Who asks. */
export type Caller = Pick<Kubeconfig, "client" | "token">;

/** What a TLS handshake with the API server has shown. */
export interface Handshake {
    /** Whether the CA alone verifies the server's certificate and name. */
    trusted: boolean;
    /** Why it does not: OpenSSL's or Node.js's word for it, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. */
    reason?: string;
    /** The server's certificate. */
    certificate: X509Certificate;
}

/** Reasons that say something of the certificate's age or names, but not that another CA has signed it. */
const sameIssuer = new Set([
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "HOSTNAME_MISMATCH",
]);

/** Whether the handshake shows a certificate that another CA has signed. */
export function isOfAnotherCa({ trusted, reason }: Handshake): boolean {
    return !trusted && !sameIssuer.has(reason ?? "");
}

/**
 * Shakes hands with the API server, trusting one CA alone, and tells what came of it. Sends nothing.
 *
 * @throws Error when it cannot be reached
 */
export function shakeHands(address: Address, caCertificate: string, signal: AbortSignal): Promise<Handshake> {
    const { hostname, port, servername } = target(address);
    return new Promise((resolve, reject) => {
        const socket = connect({
            host: hostname,
            port,
            servername,
            ca: caCertificate,
            rejectUnauthorized: false,
        });
        const abort = () => socket.destroy(new Error("no answer in time"));
        signal.addEventListener("abort", abort, { once: true });
        socket.once("secureConnect", () => {
            const { raw } = socket.getPeerCertificate();
            resolve({
                trusted: socket.authorized,
                reason: reasonOf(socket),
                certificate: new X509Certificate(raw),
            });
            socket.destroy();
        });
        socket.once("error", reject);
        socket.once("close", () => {
            signal.removeEventListener("abort", abort);
            reject(new Error("the connection was closed"));
        });
    });
}

/**
 * Sends one request to the API server, on a connection of its own.
 *
 * @param trust the CA to trust alone; null trusts anybody, and then no caller may be given
 * @returns the HTTP status
 * @throws Error when there was no answer; its `code` tells why
 */
export function ask(
    address: Address,
    trust: string | null,
    { method, path, body, caller }: { method: "GET" | "POST"; path: string; body?: object; caller?: Caller },
    signal: AbortSignal,
): Promise<number> {
    if (trust === null && caller !== undefined) {
        throw new Error("credentials are sent only to a server that is trusted");
    }
    const { hostname, port, servername } = target(address);
    return new Promise((resolve, reject) => {
        const outgoing = request(
            {
                hostname,
                port,
                servername,
                method,
                path,
                signal,
                agent: false,
                ca: trust ?? undefined,
                rejectUnauthorized: trust !== null,
                cert: caller?.client?.certificate,
                key: caller?.client?.key,
                headers: {
                    accept: "application/json",
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                    ...(caller?.token === undefined ? {} : { authorization: `Bearer ${caller.token}` }),
                },
            },
            (response) => {
                response.resume();
                response.once("close", () => resolve(response.statusCode ?? 0));
            },
        );
        outgoing.once("error", reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/**
 * Asks the API server who the caller is: any user who is authenticated may, whatever the roles.
 *
 * @returns whether it knows the caller
 * @throws Error when the server cannot be reached, is not trusted, or answers neither yes nor no
 */
export async function isAuthenticated(
    address: Address,
    trust: string,
    caller: Caller,
    signal: AbortSignal,
): Promise<boolean> {
    const status = await ask(
        address,
        trust,
        {
            method: "POST",
            path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
            caller,
        },
        signal,
    );
    if (status !== 401 && status !== 403 && status !== 201 && status !== 200) {
        throw new Error(`the API server answered ${status}`);
    }
    return status === 200 || status === 201;
}

function target({ server, serverName }: Address) {
    const url = new URL(server);
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const isAddress = /^[\d.]+$|:/.test(hostname);
    return {
        hostname,
        port: Number(url.port || 443),
        servername: serverName ?? (isAddress ? "" : hostname),
    };
}

function reasonOf(socket: TLSSocket): string | undefined {
    const error: unknown = socket.authorizationError;
    if (!error) {
        return undefined;
    }
    return typeof error === "string" ? error : ((error as NodeJS.ErrnoException).code ?? String(error));
}
