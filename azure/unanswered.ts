import {
    isRestError,
    type PipelinePolicy,
    type PipelineRequest,
    type PipelineResponse,
    RestError,
} from "@azure/core-rest-pipeline";

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
            return whole(await next(request));
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
 * Makes the Azure SDK try again where a request has no whole answer: by itself it does so where a connection breaks
 * before the answer, but not where the answer ends half way, and it waits for ever where none comes. For requests that may
 * be sent twice.
 */
export const retryUnanswered = { policy, position: "perRetry" } as const;

/** Refuses an answer that is not whole, for requests that must not be sent twice: whether to is for others to say. */
export const wholeAnswers = {
    policy: {
        name: "wholeAnswers",
        sendRequest: async (request, next) => whole(await next(request)),
    } satisfies PipelinePolicy,
    position: "perRetry",
} as const;

/**
 * The SDK's own error of an answer that is no JSON repeats it, whatever is in it: such an answer must not come so far.
 *
 * @throws RestError
 */
function whole(response: PipelineResponse): PipelineResponse {
    const { status, headers, bodyAsText } = response;
    if (bodyAsText && status < 300 && headers.get("content-type")?.includes("json")) {
        try {
            JSON.parse(bodyAsText);
        } catch {
            throw unanswered(halfWay, "ECONNRESET");
        }
    }
    return response;
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
