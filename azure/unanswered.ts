import {
    isRestError,
    type PipelinePolicy,
    type PipelineRequest,
    type PipelineResponse,
    RestError,
    type SendRequest,
} from "@azure/core-rest-pipeline";
import { notAnAnswer } from "./answer-shape";

/** The longest answer that is read, in bytes: a list of all clusters of a subscription has a few million. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const ALL_STATUSES = new Set([Number.POSITIVE_INFINITY]);

/** How long one try of a request may take, in milliseconds: Azure Resource Manager answers a read within seconds. */
const tryMs = 20_000;

const halfWay = "the answer ended half way";

const policy: PipelinePolicy = {
    name: "retryUnanswered",
    async sendRequest(request, next) {
        const { abortSignal } = request;
        const limit = AbortSignal.timeout(tryMs);
        request.abortSignal = abortSignal === undefined ? limit : AbortSignal.any([signalOf(abortSignal), limit]);
        try {
            return await whole(request, next);
        } catch (error) {
            if (abortSignal?.aborted) {
                throw error;
            }
            if (limit.aborted) {
                throw unanswered(`no answer within ${tryMs / 1000} s`, "ETIMEDOUT");
            }
            // RestError's word for a body that cannot be read to its end.
            throw isRestError(error) && error.code === RestError.PARSE_ERROR
                ? unanswered(halfWay, "ECONNRESET")
                : error;
        } finally {
            request.abortSignal = abortSignal;
        }
    },
};

/**
 * Makes the Azure SDK try again where a request has no whole answer, or one that is not the service's own: by itself it
 * does so where a connection breaks before the answer, but not where the answer ends half way or a proxy answers, and it
 * waits for ever where none comes. For requests that may be sent twice.
 */
export const retryUnanswered = { policy, position: "perRetry" } as const;

/** Refuses an answer that is not whole, or not the service's own, for requests that must not be sent twice. */
export const wholeAnswers = {
    policy: { name: "wholeAnswers", sendRequest: whole } satisfies PipelinePolicy,
    position: "perRetry",
} as const;

/**
 * The whole answer to a request. What the SDK itself makes of an answer that is no JSON repeats it, whatever is in it: such
 * an answer must not come so far.
 *
 * @throws RestError without a status code where there is no such answer
 */
async function whole(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const { method, url } = request;
    // So that the body is read here, no further than allowed.
    request.streamResponseStatusCodes = ALL_STATUSES;
    const response = await next(request);
    const { status, headers, readableStreamBody } = response;
    if (readableStreamBody !== undefined) {
        response.bodyAsText = await read(readableStreamBody);
        response.readableStreamBody = undefined;
    }
    const body = response.bodyAsText ?? "";
    const isJson = headers.get("content-type")?.includes("json") === true;
    if (status < 300 && isJson && body !== "" && isCutJson(body)) {
        throw unanswered(halfWay, "ECONNRESET");
    }
    const wrong = notAnAnswer({ method, url, status, header: (name) => headers.get(name), body });
    if (wrong !== undefined) {
        throw unanswered(`${new URL(url).host} gave ${wrong}`, "ECONNRESET");
    }
    if (status < 300 && body !== "" && !isJson) {
        headers.set("content-type", "application/json");
    }
    return response;
}

/** Whether a text begins as JSON and is none. */
function isCutJson(body: string): boolean {
    if (!/^\s*[{[]/.test(body)) {
        return false;
    }
    try {
        JSON.parse(body);
        return false;
    } catch {
        return true;
    }
}

async function read(stream: NodeJS.ReadableStream): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
        for await (const chunk of stream) {
            chunks.push(Buffer.from(chunk));
            size += chunk.length;
            if (size > MAX_ANSWER_BYTES) {
                // Leaving the loop ends the connection.
                break;
            }
        }
    } catch (error) {
        throw (error as Error).name === "AbortError" ? error : unanswered(halfWay, "ECONNRESET");
    }
    if (size > MAX_ANSWER_BYTES) {
        throw unanswered(`the answer has more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`, "ECONNRESET");
    }
    return Buffer.concat(chunks).toString("utf8");
}

/** An error with a code that the SDK's own retry policy knows. */
function unanswered(message: string, code: string): RestError {
    return new RestError(message, { code });
}

/** The SDK's type of a signal is a part of the platform's; where it is not one itself it is followed. */
function signalOf(signal: NonNullable<PipelineRequest["abortSignal"]>) {
    if (signal instanceof AbortSignal) {
        return signal;
    }
    const controller = new AbortController();
    signal.addEventListener("abort", () => controller.abort());
    return controller.signal;
}
