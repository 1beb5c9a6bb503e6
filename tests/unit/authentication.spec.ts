import assert from "node:assert/strict";
import type { Authority, Identity } from "../../rehearsal/local-aks/certificates";
import { ask, MAX_ANSWER_BYTES, post, read, ServerNotTrusted } from "../../rotator/api-server";
import { authenticate } from "../../rotator/authentication";
import { clusterFixture, signal } from "../support/cluster-fixture";
import { authority, type FakeAnswer, serverIdentity, startFakeApiServer } from "../support/fake-api-server";

const hour = 3600;

/** An API server that answers each review as a test says. */
async function apiServer(ca: Authority, answers: { who?: FakeAnswer; may?: FakeAnswer; text?: string }) {
    const server = await startFakeApiServer(await serverIdentity(ca), ({ path }) => {
        const answer = path.endsWith("/selfsubjectreviews") ? answers.who : answers.may;
        return { status: 200, ...answer, ...(answers.text !== undefined && { text: answers.text }) };
    });
    return {
        address: { server: server.url },
        ca: ca.identity.certificate,
        requests: server.requests,
        [Symbol.dispose]: server[Symbol.dispose],
    };
}

const named = (username: unknown) => ({ kind: "SelfSubjectReview", status: { userInfo: { username } } });
const allowed = { kind: "SelfSubjectAccessReview", status: { allowed: false } };

describe("whether an API server knows a caller", () => {
    let ca: Authority;
    let client: Identity;
    before(async () => {
        ca = await authority();
        client = await ca.issue({ commonName: "me", validSeconds: hour }, "client");
    });

    const outcomes: [
        what: string,
        who: FakeAnswer,
        may: FakeAnswer | undefined,
        expected: "yes" | "no" | RegExp,
        error?: true,
    ][] = [
        ["a review that names the user", { status: 201, body: named("me") }, undefined, "yes"],
        ["a review with status 200", { status: 200, body: named("me") }, undefined, "yes"],
        ["a 401", { status: 401 }, undefined, "no"],
        ["a review that names the anonymous user", { status: 201, body: named("system:anonymous") }, undefined, "no"],
        ["a 404, then an access review", { status: 404 }, { status: 201, body: allowed }, "yes"],
        ["a 403, then an access review", { status: 403 }, { status: 201, body: allowed }, "yes"],
        ["a 404, then a 401", { status: 404 }, { status: 401 }, "no"],
        ["a 404, then a 403", { status: 404 }, { status: 403 }, /\(404 to a SelfSubjectReview\).*\(403 to/],
        ["a 403, then a 403", { status: 403 }, { status: 403 }, /\(403 to a SelfSubjectReview\).*\(403 to/],
        ["a 403, then a 404", { status: 403 }, { status: 404 }, /\(403 to a SelfSubjectReview\).*\(404 to/],
        ["a 500", { status: 500 }, undefined, /answered 500 when it was asked who the user is$/, true],
        ["a 429", { status: 429 }, undefined, /answered 429/, true],
        ["a 302", { status: 302 }, undefined, /answered 302/, true],
        ["a 404, then a 500", { status: 404 }, { status: 500 }, /answered 500 when it was asked what the user/, true],
        ["a 201 that says nothing", { status: 201, body: {} }, undefined, /but did not say it/, true],
        ["a 200 with another user's form", { status: 200, body: named(7) }, undefined, /did not say it/, true],
        ["a 404, then a 201 that says nothing", { status: 404 }, { status: 201, body: {} }, /not say it/, true],
    ];
    for (const [what, who, may, expected, isError] of outcomes) {
        it(`is read from ${what}`, async () => {
            using server = await apiServer(ca, { who, may });
            const result = authenticate(server.address, server.ca, { token: "t" }, signal());
            if (isError) {
                await assert.rejects(result, expected as RegExp);
            } else if (typeof expected === "string") {
                assert.equal(await result, expected === "yes" ? "authenticated" : "refused");
            } else {
                const answer = await result;
                assert.match(typeof answer === "object" ? answer.unanswerable : answer, expected);
            }
            assert.equal(server.requests.length, may === undefined ? 1 : 2, "no more is asked than is needed");
            assert.ok(server.requests.every(({ token }) => token === "Bearer t"));
        });
    }

    it("is not read from what is no JSON", async () => {
        using server = await apiServer(ca, { who: { status: 201 }, text: "<html>signed in</html>" });
        await assert.rejects(authenticate(server.address, server.ca, { token: "t" }, signal()), /did not say it/);
    });

    it("is not asked without credentials: the anonymous user must not pass", async () => {
        using server = await apiServer(ca, { who: { status: 201, body: named("me") } });
        const answer = await authenticate(server.address, server.ca, {}, signal());
        assert.match(typeof answer === "object" ? answer.unanswerable : "", /neither a client certificate nor a token/);
        assert.deepEqual(server.requests, []);
    });

    it("is asked with the client certificate that is given", async () => {
        using server = await apiServer(ca, { who: { status: 201, body: named("me") } });
        const caller = { client: { certificate: client.certificate, key: client.key } };
        assert.equal(await authenticate(server.address, server.ca, caller, signal()), "authenticated");
        assert.deepEqual(
            server.requests.map((request) => [request.client, request.token]),
            [["CN=me", undefined]],
        );
    });

    it("is never asked of a server that another CA has signed: no credentials leave this machine", async () => {
        using server = await apiServer(ca, { who: { status: 201, body: named("me") } });
        const other = (await authority()).identity.certificate;
        const caller = { token: "secret", client: { certificate: client.certificate, key: client.key } };
        const attempts = [
            () => authenticate(server.address, other, caller, signal()),
            () => read(server.address, other, "/version", caller, signal()),
            () => post(server.address, other, "/version", {}, caller, signal()),
            () => ask(server.address, other, { method: "GET", path: "/version", caller }, signal()),
            () => authenticate({ ...server.address, serverName: "other.example" }, server.ca, caller, signal()),
        ];
        for (const attempt of attempts) {
            await assert.rejects(attempt(), ServerNotTrusted);
        }
        await assert.rejects(
            ask(server.address, null, { method: "GET", path: "/version", caller }, signal()),
            /credentials are sent only to a server that is trusted/,
        );
        assert.deepEqual(server.requests, [], "nothing was sent");
        // Without credentials any server may be asked whether it is there.
        assert.equal(await ask(server.address, null, { method: "GET", path: "/readyz" }, signal()), 200);
    });

    it("is asked of Kubernetes before 1.28 by what that has", async () => {
        for (const [version, paths] of [
            ["1.25.11", ["selfsubjectreviews", "selfsubjectaccessreviews"]],
            ["1.27.9", ["selfsubjectreviews", "selfsubjectaccessreviews"]],
            ["1.28.0", ["selfsubjectreviews"]],
        ] as const) {
            await using fixture = await clusterFixture({ kubernetesVersion: version });
            const now = await fixture.azure().credentials(signal());
            fixture.aks.control.clearRequests();
            assert.equal(await authenticate(now, now.caCertificate, now, signal()), "authenticated");
            const asked = fixture.aks.control
                .requests(fixture.ref)
                .filter(({ kind }) => kind === "apiServer")
                .map(({ path }) => path.split("/").at(-1));
            assert.deepEqual(asked, paths);
            await fixture.aks.control.replaceCertificates(fixture.ref, {});
            const after = await fixture.azure().credentials(signal());
            assert.equal(await authenticate(now, after.caCertificate, now, signal()), "refused");
        }
    });
});

describe("an answer of an API server", () => {
    it("has a size limit", async () => {
        const ca = await authority();
        const text = "x".repeat(MAX_ANSWER_BYTES);
        using server = await apiServer(ca, { text });
        const whole = await read(server.address, server.ca, "/x", { token: "t" }, signal());
        assert.equal(whole.text.length, MAX_ANSWER_BYTES);
        using talkative = await apiServer(ca, { text: `${text}y` });
        await assert.rejects(
            read(talkative.address, talkative.ca, "/x", { token: "t" }, signal()),
            /larger than 8 MiB, and is not read/,
        );
    });
});
