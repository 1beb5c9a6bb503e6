import assert from "node:assert/strict";
import type { AccessToken } from "@azure/identity";
import { ClusterTokenRefused } from "../../azure/cluster-token";
import { connections } from "../../azure/connections";
import type { SignIn } from "../../azure/sign-in";
import { aksServerId } from "../../formats/kubeconfig";
import { ClusterTokens } from "../../rotator/cluster-tokens";
import { TOKEN_TIMEOUT_MS, VERIFY_TIMEOUT_MS, verifyTimeoutMs } from "../../rotator/verify-timeout";

const hourMs = 3_600_000;

/** A sign-in that issues numbered tokens, on a clock that a test moves. */
function issuer(answer?: () => Promise<AccessToken | null>) {
    const clock = { now: 1_000_000 };
    const requests: { scope: string; tenantId?: string }[] = [];
    const signIn: SignIn = {
        way: "w",
        clues: { proof: "" },
        connect: connections({}),
        credential: {
            getToken: async (scope, options) => {
                requests.push({ scope: String(scope), tenantId: options?.tenantId });
                return answer?.() ?? { token: `token ${requests.length}`, expiresOnTimestamp: clock.now + hourMs };
            },
        },
    };
    return { clock, requests, tokens: new ClusterTokens(signIn, undefined, () => clock.now) };
}

describe("tokens for API servers", () => {
    const request = { serverId: aksServerId, tenantId: "tenant" };

    it("are kept until two minutes before they expire", async () => {
        const { clock, requests, tokens } = issuer();
        assert.equal(await tokens.get(request), "token 1");
        clock.now += hourMs - 120_001;
        assert.equal(await tokens.get(request), "token 1");
        clock.now += 1;
        assert.equal(await tokens.get(request), "token 2");
        assert.deepEqual(requests, Array(2).fill({ scope: `${aksServerId}/.default`, tenantId: "tenant" }));
    });

    it("are requested once by those who ask at the same time", async () => {
        const { requests, tokens } = issuer();
        assert.deepEqual(await Promise.all([tokens.get(request), tokens.get(request)]), ["token 1", "token 1"]);
        assert.equal(requests.length, 1);
    });

    it("are of one application and tenant each", async () => {
        const { tokens } = issuer();
        assert.equal(await tokens.get(request), "token 1");
        assert.equal(await tokens.get({ ...request, tenantId: "other" }), "token 2");
        assert.equal(await tokens.get(request), "token 1");
        await assert.rejects(tokens.get({ ...request, serverId: "other" }), ClusterTokenRefused);
        await assert.rejects(tokens.get({ ...request, kind: "exec", name: "sh" }), ClusterTokenRefused);
    });

    it("are requested anew where the API server has refused one, twice a minute at most", async () => {
        const { clock, tokens } = issuer();
        const first = await tokens.get(request);
        clock.now += 29_999;
        assert.equal(await tokens.get(request, first), first);
        clock.now += 1;
        assert.equal(await tokens.get(request, "another"), first);
        assert.equal(await tokens.get(request, first), "token 2");
        assert.equal(await tokens.get(request, first), "token 2");
    });

    it("are asked for again after a failure", async () => {
        let fails = true;
        const { tokens } = issuer(async () => {
            if (fails) {
                throw new Error("AADSTS90033: A transient error has occurred.");
            }
            return { token: "t", expiresOnTimestamp: 1_000_000 + hourMs };
        });
        await assert.rejects(tokens.get(request), /gave no token for the API server.*AADSTS90033/);
        fails = false;
        assert.equal(await tokens.get(request), "t");
    });

    it("that the sign-in does not give are an error", async () => {
        const { tokens } = issuer(async () => null);
        await assert.rejects(tokens.get(request), ClusterTokenRefused);
    });

    it("have a time of their own beside that of a verification", () => {
        assert.equal(TOKEN_TIMEOUT_MS, 30_000);
        assert.equal(VERIFY_TIMEOUT_MS, 20_000);
        assert.equal(verifyTimeoutMs(undefined, false), 20_000);
        assert.equal(verifyTimeoutMs("direct", true), 50_000);
        assert.equal(verifyTimeoutMs("runCommand", false), 60_000);
        assert.equal(verifyTimeoutMs("runCommand", true), 90_000);
    });
});
