import { setTimeout as sleep } from "node:timers/promises";
import type { Properties } from "../protocol/values";
import { type Cloud, findCloud } from "./cloud";
import { type Identity, signIn, type Token } from "./sign-in";

/** Azure's answer to a request that it did not carry out, in the words of the official plugin. */
export class AzureError extends Error {
    constructor(
        readonly status: number,
        /** For example `ResourceNotFound`. */
        readonly code: string,
        message: string,
    ) {
        super(`Status=${status} Code=${JSON.stringify(code)} Message=${JSON.stringify(message)}`);
    }
}

/** A request to Resource Manager. */
export interface Request {
    method: "GET" | "POST" | "PUT" | "DELETE";
    /** The ARM ID, and an action where there is one; or a whole URL. */
    path: string;
    /** Not added to a whole URL. */
    query?: Record<string, string>;
    body?: Properties;
    signal?: AbortSignal;
}

interface Answer {
    status: number;
    headers: Headers;
    body: Properties;
}

/** How often a request is made again that met a server in trouble, or came too soon. */
const attempts = 5;

/** The longest pause between two attempts, in milliseconds. */
const longestPause = 30_000;

/** A token is renewed when it has less than this left, in milliseconds. */
const margin = 60_000;

function retryAfter(headers: Headers): number | undefined {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function errorOf({ status, body }: Answer): AzureError {
    const error = (typeof body.error === "object" && body.error !== null ? body.error : body) as Properties;
    return new AzureError(status, String(error.code ?? ""), String(error.message ?? ""));
}

/** Speaks with Azure Resource Manager as one identity. Cloud and token are got on first use and kept. */
export class ResourceManager {
    #cloud: Promise<Cloud> | undefined;
    #token: Promise<Token> | undefined;

    constructor(private readonly identity: Identity) {}

    async #findCloud(): Promise<Cloud> {
        // A cloud that could not be found may be there the next time.
        this.#cloud ??= findCloud(this.identity.metadataHost || "management.azure.com").catch((error) => {
            this.#cloud = undefined;
            throw error;
        });
        return await this.#cloud;
    }

    /** A token that is good for a minute at least. */
    async token(): Promise<Token> {
        const cloud = await this.#findCloud();
        const kept = await this.#token?.catch(() => undefined);
        if (kept && kept.expires - margin > Date.now()) {
            return kept;
        }
        this.#token = signIn(this.identity, cloud);
        return await this.#token;
    }

    async #attempt({ method, path, query, body, signal }: Request): Promise<Answer> {
        const { resourceManager } = await this.#findCloud();
        const url = new URL(/^https?:/.test(path) ? path : `${resourceManager}${path}`);
        for (const [name, value] of Object.entries(query ?? {})) {
            url.searchParams.set(name, value);
        }
        const response = await fetch(url, {
            method,
            signal,
            headers: {
                accept: "application/json",
                authorization: `Bearer ${(await this.token()).value}`,
                ...(body && { "content-type": "application/json; charset=utf-8" }),
            },
            body: body && JSON.stringify(body),
        });
        const text = await response.text();
        let content: Properties = {};
        try {
            content = text === "" ? {} : JSON.parse(text);
        } catch {
            content = { message: text };
        }
        return { status: response.status, headers: response.headers, body: content };
    }

    async #send(request: Request): Promise<Answer> {
        for (let attempt = 1; ; attempt++) {
            const answer = await this.#attempt(request).catch((error: Error) => {
                throw error.cause instanceof Error ? new Error(`${error.message}: ${error.cause.message}`) : error;
            });
            if (answer.status < 300) {
                return answer;
            }
            const again = answer.status === 429 || answer.status >= 500;
            if (!again || attempt === attempts) {
                throw errorOf(answer);
            }
            const pause = retryAfter(answer.headers) ?? 200 * 2 ** attempt;
            await sleep(Math.min(pause, longestPause), undefined, { signal: request.signal });
        }
    }

    /**
     * @returns The answer's JSON.
     * @throws AzureError with Azure's own words.
     */
    async send(request: Request): Promise<Properties> {
        return (await this.#send(request)).body;
    }

    /**
     * Sends a request that starts something, and waits until that is done.
     *
     * @throws AzureError if it is refused, or fails.
     */
    async operate(request: Request): Promise<void> {
        const { signal } = request;
        let { headers, status } = await this.#send(request);
        const operation = headers.get("azure-asyncoperation");
        const location = headers.get("location");
        const watched = operation ?? location;
        while (watched && (operation !== null || status === 202)) {
            await sleep(Math.min(retryAfter(headers) ?? 1000, longestPause), undefined, { signal });
            const answer = await this.#send({ method: "GET", path: watched, signal });
            ({ headers, status } = answer);
            const state = String(answer.body.status ?? (status === 202 ? "InProgress" : "Succeeded"));
            if (/^(failed|canceled)$/i.test(state)) {
                throw errorOf({ ...answer, status: 200 });
            }
            if (/^succeeded$/i.test(state)) {
                return;
            }
        }
    }
}
