import assert from "node:assert/strict";
import {
    createHttpHeaders,
    createPipelineRequest,
    type PipelineResponse,
    RestError,
    type SendRequest,
} from "@azure/core-rest-pipeline";
import { AuthenticationRequiredError } from "@azure/identity";
import { SignInUnavailable, watchOutages } from "../../azure/sign-in/outage";

const request = () => createPipelineRequest({ url: "https://login.example/t/oauth2/v2.0/token" });
const answering =
    (status: number): SendRequest =>
    async (request): Promise<PipelineResponse> => ({ request, status, headers: createHttpHeaders() });
const failing =
    (error: Error): SendRequest =>
    async () => {
        throw error;
    };

/** A credential that asks as MSAL does, which reports whatever fails as a refusal without a status. */
function credential(isCertain: boolean) {
    const { policy, watch } = watchOutages(isCertain);
    let next: SendRequest = answering(200);
    const inner = {
        getToken: async () => {
            const status = await policy.policy.sendRequest(request(), next).then(
                (response) => response.status,
                () => 0,
            );
            if (status !== 200) {
                throw new AuthenticationRequiredError({ scopes: [], message: "network_error" });
            }
            return { token: "t", expiresOnTimestamp: 0 };
        },
    };
    const watched = watch(inner);
    return (send: SendRequest, abortSignal?: AbortSignal) => {
        next = send;
        return watched.getToken("scope", { abortSignal });
    };
}

describe("an outage of the sign-in service", () => {
    const outages: [what: string, send: SendRequest, message: RegExp][] = [
        ["503", answering(503), /^login\.example answered 503$/],
        ["429", answering(429), /^login\.example answered 429$/],
        ["a broken connection", failing(new RestError("read ECONNRESET", { code: "ECONNRESET" })), /^read ECONNRESET$/],
    ];
    for (const [what, send, message] of outages) {
        it(`is told from a refusal: ${what}`, async () => {
            await assert.rejects(credential(true)(send), (error: Error) => {
                assert.ok(error instanceof SignInUnavailable);
                assert.match(error.message, message);
                return true;
            });
        });

        it(`can only be one of a sign-in that may not be set up at all, once that has worked: ${what}`, async () => {
            const getToken = credential(false);
            await assert.rejects(getToken(send), { name: "AuthenticationRequiredError" });
            assert.equal((await getToken(answering(200)))?.token, "t");
            await assert.rejects(getToken(send), SignInUnavailable);
        });
    }

    const refusals: [what: string, send: SendRequest][] = [
        ["400", answering(400)],
        ["401", answering(401)],
        ["a proxy's 407", answering(407)],
        [
            "a certificate that is not trusted",
            failing(new RestError("self-signed", { code: "SELF_SIGNED_CERT_IN_CHAIN" })),
        ],
        ["a proxy that cannot be used", failing(new Error("socks5 is not supported"))],
    ];
    for (const [what, send] of refusals) {
        it(`is not ${what}`, async () => {
            await assert.rejects(credential(true)(send), { name: "AuthenticationRequiredError" });
        });
    }

    it("is not what an earlier request came to", async () => {
        const getToken = credential(true);
        await assert.rejects(getToken(answering(503)), SignInUnavailable);
        await assert.rejects(getToken(answering(400)), { name: "AuthenticationRequiredError" });
    });

    it("is not that the caller gave up", async () => {
        await assert.rejects(credential(true)(answering(503), AbortSignal.abort()), {
            name: "AuthenticationRequiredError",
        });
    });

    it("is also that of the OIDC token that proves the sign-in", async () => {
        const cause = new SignInUnavailable("The request for an OIDC token failed.");
        const { watch } = watchOutages(true);
        const refused = Object.assign(new AuthenticationRequiredError({ scopes: [], message: "failed" }), { cause });
        await assert.rejects(watch({ getToken: () => Promise.reject(refused) }).getToken("scope"), cause);
    });
});
