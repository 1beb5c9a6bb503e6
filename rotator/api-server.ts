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
            ...(tunnel === undefined ? { host: hostname, port } : { socket: tunnel }),
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

/** A request to the API server. */
interface Question {
    method: "GET" | "POST";
    path: string;
    body?: object;
    caller?: Caller;
}

/** What an API server has answered. */
export interface Answer {
    /** The HTTP status. */
    status: number;
    /** The body. */
    text: string;
}

/**
 * Sends one request to the API server, on a connection of its own.
 *
 * @param trust the CA to trust alone; null trusts anybody, and then no caller may be given
 * @returns the HTTP status
 * @throws Error when there was no answer; its `code` tells why
 */
export async function ask(
    address: Address,
    trust: string | null,
    question: Question,
    signal: AbortSignal,
): Promise<number> {
    return (await exchange(address, trust, question, signal)).status;
}

/**
 * Reads from the API server, on a connection of its own.
 *
 * @param trust the CA to trust alone
 * @param path such as `/api/v1/namespaces/default/configmaps/name`
 * @throws Error when there was no answer; its `code` tells why
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

async function exchange(
    address: Address,
    trust: string | null,
    { method, path, body, caller }: Question,
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
                    : { createConnection: () => connect({ ...security, socket: tunnel }) }),
                headers: {
                    accept: "application/json",
                    "user-agent": userAgent,
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                    ...(caller?.token === undefined ? {} : { authorization: `Bearer ${caller.token}` }),
                },
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                // An answer that breaks off has a status all the same, and for most that is all they ask.
                response.once("close", () =>
                    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
                );
                response.on("error", () => undefined);
            },
        );
        outgoing.once("error", reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/**
 * Asks the API server who the caller is. Whoever is authenticated may ask that, whatever the roles.
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
    if (status === 401) {
        return false;
    }
    // A 403 tells nothing of the caller: anybody who is not authenticated can get one too.
    if (status !== 200 && status !== 201) {
        throw new Error(`the API server answered ${status} when it was asked who the user is`);
    }
    return true;
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
