import assert from "node:assert/strict";
import { Readable } from "node:stream";
import {
    createHttpHeaders,
    createPipelineRequest,
    type PipelineResponse,
    RestError,
    type SendRequest,
} from "@azure/core-rest-pipeline";
import { retryUnanswered, wholeAnswers } from "../../azure/unanswered";

const request = () => createPipelineRequest({ url: "https://arm.example/" });

function answering(bodyAsText: string, type = "application/json; charset=utf-8", status = 200): SendRequest {
    return async (request): Promise<PipelineResponse> => ({
        request,
        status,
        headers: createHttpHeaders({ "content-type": type }),
        bodyAsText,
    });
}

describe("an answer of Azure", () => {
    for (const { policy } of [retryUnanswered, wholeAnswers]) {
        it(`that is not whole is an error without its words, as of a broken connection: ${policy.name}`, async () => {
            await assert.rejects(
                policy.sendRequest(request(), answering('{"kubeconfigs":[{"value":"c2VjcmV0')),
                (error: RestError) => error.code === "ECONNRESET" && error.message === "the answer ended half way",
            );
        });

        it(`passes when it is whole, or says itself what is wrong: ${policy.name}`, async () => {
            for (const next of [
                answering('{"a":1}'),
                answering('{"a":1}', "text/plain"),
                answering("Bad Gateway", undefined, 502),
            ]) {
                assert.ok(await policy.sendRequest(request(), next));
            }
        });
    }

    for (const { policy } of [retryUnanswered, wholeAnswers]) {
        it(`that is not the service's own is an error, as of a broken connection: ${policy.name}`, async () => {
            for (const next of [answering(""), answering("<html>", "text/html"), answering("{}", undefined, 302)]) {
                await assert.rejects(policy.sendRequest(request(), next), (error: RestError) => {
                    assert.equal(error.statusCode, undefined);
                    return error.code === "ECONNRESET" && /^arm.example gave /.test(error.message);
                });
            }
        });

        it(`is read no further than allowed: ${policy.name}`, async () => {
            const endless = Readable.from(
                (function* () {
                    for (;;) {
                        yield Buffer.alloc(1024 * 1024, " ");
                    }
                })(),
            );
            const next: SendRequest = async (request) => {
                assert.ok(request.streamResponseStatusCodes?.has(Number.POSITIVE_INFINITY));
                const headers = createHttpHeaders({ "content-type": "application/json" });
                return { request, status: 200, headers, readableStreamBody: endless };
            };
            await assert.rejects(policy.sendRequest(request(), next), /the answer has more than 16 MiB/);
            assert.equal(endless.destroyed, true);
        });
    }

    it("that broke off while it was read is tried again, by the code that the SDK knows", async () => {
        const broken: SendRequest = async () => {
            throw new RestError("Error reading response as text: aborted", { code: RestError.PARSE_ERROR });
        };
        await assert.rejects(retryUnanswered.policy.sendRequest(request(), broken), { code: "ECONNRESET" });
    });

    it("that was given up by whoever asked is not tried again", async () => {
        const abortSignal = AbortSignal.abort();
        const next: SendRequest = async ({ abortSignal: signal }) => {
            assert.equal(signal?.aborted, true);
            throw new DOMException("given up", "AbortError");
        };
        await assert.rejects(
            retryUnanswered.policy.sendRequest(
                createPipelineRequest({ url: "https://arm.example/", abortSignal }),
                next,
            ),
            { name: "AbortError" },
        );
    });
});
