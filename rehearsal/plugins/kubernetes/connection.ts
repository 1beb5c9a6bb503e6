import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
import type { Properties } from "../protocol/values";
import { authorityOf, connectionOptions, credentialsOf } from "./credentials";
import type { Choice } from "./kubeconfig";
import { connectionFailure } from "./tls-text";

/** The API server cannot be talked to: no connection, or no credentials that it accepts. */
export class UnreachableError extends Error {}

/** The API server's own answer to a request that it did not carry out. */
export class StatusError extends Error {
    constructor(
        readonly code: number,
        /** For example `AlreadyExists`. */
        readonly reason: string,
        message: string,
    ) {
        super(message);
    }
}

/** A request to the API server. */
export interface Request {
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    path: string;
    query?: Record<string, string>;
    body?: unknown;
    /** Default: `application/json`. */
    contentType?: string;
    signal?: AbortSignal;
}

/** Without an answer for so long, in milliseconds, a request has failed: the `timeout=32s` of the official client. */
const patience = 32_000;

function read(response: IncomingMessage): Promise<string> {
    return new Promise((resolve, reject) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
            text += chunk;
        });
        response.on("end", () => resolve(text));
        response.on("error", reject);
    });
}

function parse(text: string): Properties {
    try {
        return JSON.parse(text) as Properties;
    } catch {
        return { message: text.trim() };
    }
}

/** Connects through the kubeconfig's proxy, as the official plugin does; of SOCKS, which that has too, this one has none. */
function httpsAgent(options: AgentOptions, proxyUrl: string | undefined): Agent {
    if (!proxyUrl) {
        return new Agent(options);
    }
    if (!/^https?:\/\//.test(proxyUrl)) {
        throw new Error("this provider connects through HTTP proxies alone");
    }
    return new HttpsProxyAgent(proxyUrl, options) as unknown as Agent;
}

/** Speaks JSON with one API server, as one user, over connections that are kept open. */
export class Connection {
    readonly #server: URL;
    #options: Promise<RequestOptions> | undefined;

    constructor(private readonly choice: Choice) {
        this.#server = new URL(choice.cluster.server ?? "");
    }

    async #prepare(): Promise<RequestOptions> {
        const { cluster, user } = this.choice;
        const credentials = await credentialsOf(user);
        const options = connectionOptions(cluster, credentials);
        const agent =
            this.#server.protocol === "https:"
                ? httpsAgent(options, cluster["proxy-url"])
                : new HttpAgent({ keepAlive: true });
        const { authorization } = credentials;
        const headers = { accept: "application/json", ...(authorization && { authorization }) };
        // An agent for a proxy takes what to trust, and who to be, from each request.
        return { ...options, agent, headers };
    }

    #url({ path, query }: Request): URL {
        const url = new URL(`${this.#server.pathname.replace(/\/$/, "")}${path}`, this.#server);
        url.search = new URLSearchParams(query).toString();
        return url;
    }

    #attempt(request: Request, options: RequestOptions): Promise<{ code: number; text: string }> {
        const body = request.body === undefined ? undefined : JSON.stringify(request.body);
        const headers = {
            ...(options.headers as Record<string, string>),
            ...(body !== undefined && {
                "content-type": request.contentType ?? "application/json",
                "content-length": Buffer.byteLength(body),
            }),
        };
        const url = this.#url(request);
        const send = url.protocol === "https:" ? httpsRequest : httpRequest;
        return new Promise((resolve, reject) => {
            const sent = send(
                url,
                { ...options, headers, method: request.method, timeout: patience, signal: request.signal },
                (response) => read(response).then((text) => resolve({ code: response.statusCode ?? 0, text }), reject),
            );
            sent.on("timeout", () => sent.destroy(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })));
            sent.on("error", (error) => reject(Object.assign(error, { kept: sent.reusedSocket })));
            sent.end(body);
        });
    }

    /**
     * @returns The answer's JSON.
     * @throws StatusError with the API server's own words.
     * @throws UnreachableError if there was no answer, or the credentials are not accepted.
     */
    async send(request: Request): Promise<Properties> {
        let answer: { code: number; text: string };
        try {
            this.#options ??= this.#prepare();
            const options = await this.#options;
            answer = await this.#attempt(request, options).catch(
                (error: NodeJS.ErrnoException & { kept?: boolean }) => {
                    // A connection that was kept open may have been closed by the server just now; a new one has not.
                    if (error.kept && (error.code === "ECONNRESET" || error.code === "EPIPE")) {
                        return this.#attempt(request, options);
                    }
                    throw error;
                },
            );
        } catch (error) {
            if (request.signal?.aborted) {
                throw new Error("the operation was cancelled");
            }
            const cause = error instanceof Error ? error : new Error(String(error));
            const reason = await connectionFailure(cause, this.#server, authorityOf(this.choice.cluster));
            // The official plugin learns of a cluster out of reach when it asks for the schema, so users know this text.
            const asked = this.#url({ method: "GET", path: "/openapi/v2", query: { timeout: "32s" } });
            throw new UnreachableError(
                `unable to load schema information from the API server: Get "${asked}": ${reason}`,
            );
        }
        const content = parse(answer.text);
        if (answer.code < 300) {
            return content;
        }
        if (answer.code === 401) {
            throw new UnreachableError(
                "unable to load schema information from the API server: the server has asked for the client to provide credentials",
            );
        }
        const message =
            typeof content.message === "string" && content.message ? content.message : `HTTP ${answer.code}`;
        throw new StatusError(answer.code, String(content.reason ?? ""), message);
    }
}
