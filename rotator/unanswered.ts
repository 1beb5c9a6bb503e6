import { isRestError, type PipelinePolicy, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";

/** How long one try of a request may take, in milliseconds: Azure Resource Manager answers a read within seconds. */
const tryMs = 20_000;

const policy: PipelinePolicy = {
    name: "retryUnanswered",
    async sendRequest(request, next) {
        const { abortSignal } = request;
        const limit = AbortSignal.timeout(tryMs);
        request.abortSignal = abortSignal === undefined ? limit : AbortSignal.any([signalOf(abortSignal), limit]);
        try {
            return await next(request);
        } catch (error) {
            if (abortSignal?.aborted) {
                throw error;
            }
            if (limit.aborted) {
                throw unanswered(`no answer within ${tryMs / 1000} s`, "ETIMEDOUT");
            }
            // RestError's word for a body that cannot be read to its end.
            throw isRestError(error) && error.code === RestError.PARSE_ERROR
                ? unanswered("the answer ended half way", "ECONNRESET")
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
