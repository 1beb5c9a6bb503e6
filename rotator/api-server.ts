import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { parseProxy, proxyFor } from "../azure/proxy";
import { openTunnel } from "../azure/tunnel";
import { userAgent } from "../azure/user-agent";
import { certificatesIn, isSigned } from "../formats/certificate";
import type { Kubeconfig } from "../formats/kubeconfig";
import { compareServerCa, type ServerCa } from "./probe-server-ca";

/** Where an API server is. */
export type Address = Pick<Kubeconfig, "server" | "serverName" | "proxyUrl">;

/** Who asks. */
export type Caller = Pick<Kubeconfig, "client" | "token">;

/** What a TLS handshake with the API server has shown. */
export interface Handshake {
    /** Whether the CA alone verifies the server's certificate and name. */
    trusted: boolean;
    /** Why it does not: OpenSSL's or Node.js's word for it, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. */
    reason?: string;
    /** Whether the CA has signed the server's certificate, whatever its age and names. */
    signed: boolean;
    /** The server's certificate. */
    certificate: X509Certificate;
    /** The server's certificate, and those that lead from it to an authority, as far as they are known. */
    chain: X509Certificate[];
}

/**
 * Shakes hands with the API server, trusting one CA alone, and tells what came of it. Sends nothing.
 *
 * @throws Error when it cannot be reached
 */
export async function shakeHands(address: Address, caCertificate: string, signal: AbortSignal): Promise<Handshake> {
    signal.throwIfAborted();
    const { hostname, port, servername } = target(address);
    const tunnel = await throughProxy(address, signal);
    return new Promise((resolve, reject) => {
        const socket = connect({
            // Beside a socket it is the name or address that the certificate must be of.
            host: hostname,
            ...(tunnel === undefined ? { port } : { socket: tunnel }),
            servername,
            ca: caCertificate,
            rejectUnauthorized: false,
        });
        const abort = () => socket.destroy(new Error("no answer in time"));
        signal.addEventListener("abort", abort, { once: true });
        socket.once("secureConnect", () => {
            const chain = chainOf(socket);
            const [certificate] = chain;
            if (certificate === undefined) {
                reject(new Error("the server has sent no certificate"));
            } else {
                const signed = isSigned(chain, certificatesIn(caCertificate));
                resolve({ trusted: socket.authorized, reason: reasonOf(socket), signed, certificate, chain });
            }
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
 * Makes one new connection to the API server and compares the CA that signed its certificate with the bundles. Sends
 * nothing.
 *
 * @param intentCa the CA that the intent has recorded; undefined where there is none
 * @throws Error when it cannot be reached
 */
export async function probeServerCa(
    credentials: Pick<Kubeconfig, "server" | "serverName" | "ca" | "caCertificate">,
    intentCa: readonly X509Certificate[] | undefined,
    signal: AbortSignal,
): Promise<ServerCa> {
    const { chain } = await shakeHands(credentials, credentials.caCertificate, signal);
    return compareServerCa(chain, { credentials: credentials.ca, intent: intentCa });
}

/** What an API server has answered. */
export interface Answer {
    /** The HTTP status. */
    status: number;
    /** The body. */
    text: string;
}

/** The server's certificate is not one that the CA verifies. Nothing was sent to the server. */
export class ServerNotTrusted extends Error {
    override name = "ServerNotTrusted";

    /** @param reason OpenSSL's or Node.js's word for it, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE` */
    constructor(readonly reason: string) {
        super(`the cluster CA does not verify the API server's certificate (${reason})`);
    }
}

/** The largest answer that is read, in bytes: a page of 500 objects with all their metadata fits. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Sends one request to the API server, on a connection of its own, and does not read the answer's body.
 *
 * @param trust the CA to trust alone; null trusts anybody, and then no caller may be given
 * @returns the HTTP status
 * @throws ServerNotTrusted when the CA does not verify the server's certificate
 * @throws Error when there was no answer; its `code` says why
 */
export async function ask(
    address: Address,
    trust: string | null,
    { method, path, caller }: { method: "GET" | "POST"; path: string; caller?: Caller },
    signal: AbortSignal,
): Promise<number> {
    return (await exchange(address, trust, { method, path, caller, isStatusEnough: true }, signal)).status;
}

/**
 * Reads from the API server, on a connection of its own.
 *
 * @param trust the CA to trust alone
 * @param path such as `/api/v1/namespaces/default/configmaps/name`
 * @throws ServerNotTrusted when the CA does not verify the server's certificate
 * @throws Error when there was no answer, or one of more than {@link MAX_ANSWER_BYTES}
 */
export function read(
    address: Address,
    trust: string,
    path: string,
    caller: Caller,
    signal: AbortSignal,
): Promise<Answer> {
    return exchange(address, trust, { method: "GET", path, caller }, signal);
}

/** Sends an object to the API server, on a connection of its own; otherwise as {@link read}. */
export function post(
    address: Address,
    trust: string,
    path: string,
    body: object,
    caller: Caller,
    signal: AbortSignal,
): Promise<Answer> {
    return exchange(address, trust, { method: "POST", path, body, caller }, signal);
}

interface ApiRequest {
    method: "GET" | "POST";
    path: string;
    body?: object;
    caller?: Caller | undefined;
    /** Whether the body of the answer is not read. */
    isStatusEnough?: boolean;
}

async function exchange(
    address: Address,
    trust: string | null,
    { method, path, body, caller, isStatusEnough = false }: ApiRequest,
    signal: AbortSignal,
): Promise<Answer> {
    if (trust === null && caller !== undefined) {
        throw new Error("credentials are sent only to a server that is trusted");
    }
    const { hostname, port, servername } = target(address);
    const tunnel = await throughProxy(address, signal);
    const security: ConnectionOptions = {
        servername,
        ca: trust ?? undefined,
        rejectUnauthorized: trust !== null,
        cert: caller?.client?.certificate,
        key: caller?.client?.key,
    };
    return new Promise((resolve, reject) => {
        const outgoing = request(
            {
                hostname,
                port,
                method,
                path,
                signal,
                ...security,
                ...(tunnel === undefined
                    ? { agent: false as const }
                    : { createConnection: () => connect({ ...security, host: hostname, socket: tunnel }) }),
                headers: {
                    accept: "application/json",
                    "user-agent": userAgent,
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                    ...(caller?.token === undefined ? {} : { authorization: `Bearer ${caller.token}` }),
                },
            },
            (response) => {
                const status = response.statusCode ?? 0;
                if (isStatusEnough) {
                    resolve({ status, text: "" });
                    response.destroy();
                    return;
                }
                const chunks: Buffer[] = [];
                let bytes = 0;
                response.on("data", (chunk: Buffer) => {
                    bytes += chunk.length;
                    if (bytes > MAX_ANSWER_BYTES) {
                        const limit = MAX_ANSWER_BYTES / 1024 / 1024;
                        reject(new Error(`the API server's answer is larger than ${limit} MiB, and is not read`));
                        response.destroy();
                        return;
                    }
                    chunks.push(chunk);
                });
                // What has broken off is handed on: its readers find out that it is not whole.
                response.once("close", () => resolve({ status, text: Buffer.concat(chunks).toString("utf8") }));
                response.on("error", () => undefined);
            },
        );
        outgoing.once("error", (error) => {
            const socket = outgoing.socket as TLSSocket | null;
            const reason = socket === null ? undefined : reasonOf(socket);
            reject(reason === undefined || trust === null ? error : new ServerNotTrusted(reason));
        });
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/**
 * A tunnel to the API server through the proxy that the kubeconfig names, else through the one that the environment names for
 * it; undefined where it is reached without a proxy. As in kubectl, NO_PROXY is about the environment's proxy alone.
 *
 * @throws Error when the proxy is of a kind that is not supported, or does not connect
 */
async function throughProxy(address: Address, signal: AbortSignal): Promise<Duplex | undefined> {
    const { server, proxyUrl } = address;
    const proxy = proxyUrl
        ? parseProxy(proxyUrl, "proxy-url in the kubeconfig")
        : proxyFor(new URL(server), process.env);
    return proxy === undefined ? undefined : openTunnel(proxy, target(address), signal);
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

/**
 * The certificates that the server has sent, its own first. Node.js completes them from what is trusted, by the name of
 * the issuer alone: the last one may have signed nothing of it.
 */
function chainOf(socket: TLSSocket): X509Certificate[] {
    const chain: X509Certificate[] = [];
    let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    while (next?.raw !== undefined && chain.at(-1)?.raw.equals(next.raw) !== true) {
        chain.push(new X509Certificate(next.raw));
        next = next.issuerCertificate;
    }
    return chain;
}

function reasonOf(socket: TLSSocket): string | undefined {
    const error: unknown = socket.authorizationError;
    if (!error) {
        return undefined;
    }
    return typeof error === "string" ? error : ((error as NodeJS.ErrnoException).code ?? String(error));
}
