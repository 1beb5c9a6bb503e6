import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { ClusterTokenRefused } from "../../azure/cluster-token";
import { aksServerId, type Kubeconfig, type SignInPlugin } from "../../formats/kubeconfig";
import type { Authority, Identity } from "../../rehearsal/local-aks/certificates";
import { setTheClock } from "../../rotator/clock-skew";
import { CheckFailed, causeOf, VerificationUnanswered, withoutApiServer } from "../../rotator/verification";
import { type GetToken, type VerifyOptions, verifyCredentials, verifyRotation } from "../../rotator/verify";
import { hurried, signal } from "../support/cluster-fixture";
import {
    authority,
    type FakeAnswer,
    type FakeRequest,
    KNOWN_USER,
    kubeconfigOf,
    serverIdentity,
    startFakeApiServer,
} from "../support/fake-api-server";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const hourMs = 3_600_000;
const unasked: GetToken = () => assert.fail("no token is needed");

/** A self-signed certificate of a key, valid for an hour; a server on this machine can have it. */
async function selfSigned(keys: webcrypto.CryptoKeyPair, notBefore: Date): Promise<Identity> {
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        name: "CN=server",
        keys,
        notBefore,
        notAfter: new Date(notBefore.getTime() + hourMs),
        signingAlgorithm: algorithm,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }]),
        ],
    });
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { certificate: certificate.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
}

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

/** What a verification has failed with. */
async function failure(verification: Promise<unknown>): Promise<Error> {
    return verification.then(
        () => assert.fail("it has not failed"),
        (error: Error) => error,
    );
}

async function checkFailed(verification: Promise<unknown>, words: RegExp): Promise<CheckFailed> {
    const error = await failure(verification);
    assert.ok(error instanceof CheckFailed, `${error.name}: ${error.message}`);
    assert.match(error.message, words);
    return error;
}

describe("a verification", () => {
    let old: Authority;
    let fresh: Authority;
    let stranger: Authority;
    let right: Identity;
    before(async () => {
        [old, fresh, stranger] = await Promise.all([authority(), authority(), authority()]);
        right = await serverIdentity(fresh);
    });

    const pem = ({ identity }: Authority) => identity.certificate;
    const credentialsOf = async (ca: Authority, validSeconds = 3600) => {
        const { certificate, key } = await ca.issue({ commonName: "me", validSeconds }, "client");
        return { certificate, key };
    };

    /** The verification of a rotation from `old` to `fresh`. */
    const rotation = (
        now: Kubeconfig,
        before: Kubeconfig | undefined = undefined,
        {
            oldCa = pem(old),
            getToken = unasked,
            ...options
        }: VerifyOptions & { oldCa?: string; getToken?: GetToken } = {},
    ) =>
        verifyRotation(now, { caCertificate: oldCa, credentials: before }, getToken, signal(), {
            clock: hurried,
            ...options,
        });

    it("is whole where the new credentials are accepted, and the old ones refused", async () => {
        const before = kubeconfigOf("", [pem(old)], { client: await credentialsOf(old) });
        using server = await startFakeApiServer(right, ({ token }) =>
            token === undefined ? { status: 401 } : KNOWN_USER,
        );
        const result = await rotation(kubeconfigOf(server.url, [pem(fresh)]), before);
        assert.deepEqual(result.verified, [
            "provisioningState",
            "caChanged",
            "newCaAccepted",
            "newCredentialsAccepted",
            "oldCaRefused",
            "oldClientCertificateRefused",
        ]);
        assert.deepEqual(result.notVerified, []);
        assert.match(result.apiServerCertificate?.subject ?? "", /apiserver/);
        assert.deepEqual(
            server.requests.map(({ token, client }) => [token, client]),
            [
                ["Bearer t", undefined],
                [undefined, "CN=me"],
            ],
        );
        const adopted = await verifyCredentials(kubeconfigOf(server.url, [pem(fresh)]), unasked, signal());
        assert.deepEqual(adopted.verified, ["newCaAccepted", "newCredentialsAccepted"]);
        assert.deepEqual(adopted.notVerified, []);
    });

    it("fails where the CA is not the server's, and nothing is sent to that server", async () => {
        using server = await startFakeApiServer(right, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(stranger)]);
        for (const verification of [rotation(now), verifyCredentials(now, unasked, signal())]) {
            await checkFailed(
                verification,
                /^the cluster CA does not verify the API server's certificate \([A-Z_]+\)$/,
            );
        }
        assert.deepEqual(server.requests, []);
    });

    it("tries the old CA on eight new connections, and does not make them where credentials are adopted", async () => {
        using server = await startFakeApiServer(right, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        await verifyCredentials(now, unasked, signal());
        assert.equal(server.connections(), 2, "one for the CA, one for the credentials");
        await rotation(now);
        assert.equal(server.connections(), 2 + 2 + 8);
    });

    it("records where the old CA is not at hand, and says so", async () => {
        using server = await startFakeApiServer(right, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        const before = { caCertificate: undefined, credentials: undefined };
        const { verified, notVerified } = await verifyRotation(now, before, unasked, signal(), { clock: hurried });
        assert.ok(!verified.includes("oldCaRefused"));
        assert.ok(verified.includes("newCredentialsAccepted"));
        assert.deepEqual(
            notVerified.map(({ check }) => check),
            ["oldCaRefused", "oldClientCertificateRefused"],
        );
    });

    it("of an API server that was not restarted yet fails for the new CA, at once", async () => {
        using server = await startFakeApiServer(await serverIdentity(old), () => KNOWN_USER);
        const clock = { ...hurried, sleep: () => assert.fail("there is nothing to wait for") };
        await checkFailed(rotation(kubeconfigOf(server.url, [pem(fresh)]), undefined, { clock }), /does not verify/);
    });

    it("fails where the server's certificate is for another name, an expired certificate in the bundle or not", async () => {
        const expired = await authority(-60);
        using server = await startFakeApiServer(await serverIdentity(fresh, 3600, "other.example"), () => KNOWN_USER);
        for (const bundle of [[pem(fresh)], [pem(fresh), pem(expired)]]) {
            const now = kubeconfigOf(server.url, bundle);
            await checkFailed(verifyCredentials(now, unasked, signal()), /ERR_TLS_CERT_ALTNAME_INVALID/);
            await checkFailed(rotation(now), /ERR_TLS_CERT_ALTNAME_INVALID/);
        }
        assert.deepEqual(server.requests, []);
        const named = kubeconfigOf(server.url, [pem(fresh)], { token: "t", serverName: "other.example" });
        assert.ok((await verifyCredentials(named, unasked, signal())).verified.includes("newCaAccepted"));
    });

    it("says what has expired where credentials are adopted, and fails so after a rotation", async () => {
        const expiredCa = await authority(-60);
        for (const [ca, identity] of [
            [fresh, await serverIdentity(fresh, -60)],
            [expiredCa, await serverIdentity(expiredCa)],
        ] as const) {
            using server = await startFakeApiServer(identity, () => KNOWN_USER);
            const now = kubeconfigOf(server.url, [pem(ca)]);
            const { verified, notVerified, apiServerCertificate } = await verifyCredentials(now, unasked, signal());
            assert.deepEqual(verified, []);
            const reason = "the cluster CA does not verify the API server's certificate (CERT_HAS_EXPIRED)";
            assert.deepEqual(notVerified, [
                { check: "newCaAccepted", reason },
                { check: "newCredentialsAccepted", reason },
            ]);
            assert.notEqual(apiServerCertificate, null);
            await checkFailed(rotation(now), /CERT_HAS_EXPIRED/);
            assert.deepEqual(server.requests, [], "credentials are not sent to it all the same");
        }
    });

    it("fails where the server's certificate has expired and is of another CA", async () => {
        using server = await startFakeApiServer(await serverIdentity(stranger, -60), () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        await checkFailed(verifyCredentials(now, unasked, signal()), /does not verify/);
    });

    it("does not take an old CA that has expired for one that is refused", async () => {
        // The same key under a new certificate: the old one would verify it still, were it not for its age.
        const keys = await newKeys();
        const renewed = await selfSigned(keys, new Date());
        const expired = await selfSigned(keys, new Date(Date.now() - 2 * hourMs));
        using server = await startFakeApiServer(renewed, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [renewed.certificate]);
        await checkFailed(
            rotation(now, undefined, { oldCa: expired.certificate }),
            /^the API server still has a certificate that the old CA verifies$/,
        );
        assert.ok((await rotation(now)).verified.includes("oldCaRefused"));
    });

    it("fails where the bundle of before the rotation holds the CA of now among others", async () => {
        using server = await startFakeApiServer(right, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        await checkFailed(rotation(now, undefined, { oldCa: `${pem(old)}\n${pem(fresh)}` }), /old CA verifies/);
        await checkFailed(rotation(now, undefined, { oldCa: pem(fresh) }), /old CA verifies/);
    });

    it("that fails since a certificate is not valid yet says that the clocks differ, and by how much", async () => {
        const identity = await selfSigned(await newKeys(), new Date(Date.now() + 600_000));
        using server = await startFakeApiServer(identity, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [identity.certificate]);
        const { advice } = await checkFailed(
            verifyCredentials(now, unasked, signal()),
            /CERT_NOT_YET_VALID.*clock of this machine that is yet to come: it and the cluster's differ by (9|10) min at least/,
        );
        assert.equal(advice, setTheClock);
    });

    it("does not send a client certificate that has expired", async () => {
        using server = await startFakeApiServer(right, () => KNOWN_USER);
        const now = kubeconfigOf(server.url, [pem(fresh)], { client: await credentialsOf(fresh, -60) });
        const { verified, notVerified } = await verifyCredentials(now, unasked, signal());
        assert.deepEqual(verified, ["newCaAccepted"]);
        const reason = "the client certificate has expired";
        assert.deepEqual(notVerified, [{ check: "newCredentialsAccepted", reason }]);
        await checkFailed(rotation(now), /^the client certificate has expired$/);
        assert.deepEqual(server.requests, []);
    });

    it("fails where the new credentials are refused", async () => {
        using server = await startFakeApiServer(right, () => ({ status: 401 }));
        const now = kubeconfigOf(server.url, [pem(fresh)], { client: await credentialsOf(fresh) });
        for (const verification of [rotation(now), verifyCredentials(now, unasked, signal())]) {
            const { advice } = await checkFailed(verification, /^the API server does not accept the credentials$/);
            assert.equal(advice, undefined);
        }
    });

    describe("with a token of Microsoft Entra ID", () => {
        const signIn: SignInPlugin = { kind: "exec", name: "kubelogin", serverId: aksServerId };
        const now = ({ url }: { url: string }) => kubeconfigOf(url, [pem(fresh)], { signIn });

        it("is made with that token", async () => {
            using server = await startFakeApiServer(right, ({ token }) =>
                token === "Bearer entra" ? KNOWN_USER : { status: 401 },
            );
            const asked: unknown[] = [];
            const getToken: GetToken = async (request) => {
                asked.push(request);
                return "entra";
            };
            const { verified } = await rotation(now(server), undefined, { getToken });
            assert.ok(verified.includes("newCredentialsAccepted"));
            assert.deepEqual(asked, [signIn]);
        });

        it("is not sent to a replica that still has the old certificate: the answer is the wrong one, and not none", async () => {
            using server = await startFakeApiServer(right, () => KNOWN_USER);
            const stale = await serverIdentity(old);
            const getToken = async () => {
                server.use(stale);
                return "entra";
            };
            await checkFailed(
                verifyCredentials(now(server), getToken, signal()),
                /^the cluster CA does not verify the API server's certificate \([A-Z_]+\)$/,
            );
            assert.deepEqual(server.requests, []);
        });

        it("that is refused is a matter of the sign-in, unless it was accepted before the rotation", async () => {
            using server = await startFakeApiServer(right, () => ({ status: 401 }));
            const getToken = async () => "entra";
            const never = await checkFailed(
                rotation(now(server), undefined, { getToken }),
                /does not accept the credentials: the token of this sign-in to Microsoft Entra ID is not one for it/,
            );
            assert.match(never.advice ?? "", /tenant/);
            const before = await checkFailed(
                rotation(now(server), undefined, { getToken, isTokenKnown: true }),
                /refuses a token of Microsoft Entra ID.*accepted before the rotation$/,
            );
            assert.match(before.advice ?? "", /on the cluster's side, not that of the sign-in.*Ask AKS support/);
            assert.doesNotMatch(before.advice ?? "", /tenant|credentials to "admin"/);
        });

        it("that is not to be had keeps the checks that need none", async () => {
            using server = await startFakeApiServer(right, () => KNOWN_USER);
            const refused = new ClusterTokenRefused("Entra says no", "Do something");
            const error = await failure(rotation(now(server), undefined, { getToken: () => Promise.reject(refused) }));
            assert.ok(error instanceof VerificationUnanswered);
            assert.equal(error.message, "Entra says no");
            assert.equal(causeOf(error), refused);
            const { verified, notVerified, apiServerCertificate } = withoutApiServer([], "no answer", error);
            assert.deepEqual(verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
            assert.deepEqual(notVerified, [
                { check: "newCredentialsAccepted", reason: "no answer" },
                { check: "oldClientCertificateRefused", reason: "no answer" },
            ]);
            assert.match(apiServerCertificate?.subject ?? "", /apiserver/);
            assert.deepEqual(server.requests, []);
        });
    });

    it("keeps the checks that were made when a later one has no answer", async () => {
        using server = await startFakeApiServer(right, () => ({ status: 500 }));
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        const rotated = await failure(rotation(now));
        assert.ok(rotated instanceof VerificationUnanswered);
        assert.match(rotated.message, /answered 500/);
        assert.deepEqual(rotated.made.verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
        const adopted = await failure(verifyCredentials(now, unasked, signal()));
        assert.ok(adopted instanceof VerificationUnanswered);
        assert.deepEqual(adopted.made.verified, ["newCaAccepted"]);
    });

    it("does not keep that the old CA is refused where one connection has shown that it is not", async () => {
        using server = await startFakeApiServer(right, () => ({ status: 500 }));
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        await checkFailed(rotation(now, undefined, { oldCa: pem(fresh) }), /old CA verifies/);
    });

    it("has no answer where nobody listens", async () => {
        const server = await startFakeApiServer(right, () => KNOWN_USER);
        server[Symbol.dispose]();
        const error = await failure(rotation(kubeconfigOf(server.url, [pem(fresh)])));
        assert.ok(error instanceof VerificationUnanswered);
        assert.deepEqual(error.made.verified, ["provisioningState", "caChanged"]);
    });

    it("of a cluster that does not say who the user is records that as not checked, and does not fail", async () => {
        using server = await startFakeApiServer(right, () => ({ status: 403 }));
        const now = kubeconfigOf(server.url, [pem(fresh)]);
        const before = kubeconfigOf("", [pem(old)], { client: await credentialsOf(old) });
        const { verified, notVerified } = await rotation(now, before);
        assert.deepEqual(verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
        assert.deepEqual(
            notVerified.map(({ check }) => check),
            ["newCredentialsAccepted", "oldClientCertificateRefused"],
        );
        assert.ok(notVerified.every(({ reason }) => /403 to a SelfSubjectReview/.test(reason)));
        assert.deepEqual((await verifyCredentials(now, unasked, signal())).verified, ["newCaAccepted"]);
    });

    describe("of the old client certificate", () => {
        /** An API server that knows the new token, and answers the old certificate otherwise. */
        const answering = (toOld: FakeAnswer) => (request: FakeRequest) =>
            request.client === undefined ? KNOWN_USER : toOld;

        it("fails where it is still accepted", async () => {
            const before = kubeconfigOf("", [pem(old)], { client: await credentialsOf(old) });
            using server = await startFakeApiServer(right, answering(KNOWN_USER));
            await checkFailed(
                rotation(kubeconfigOf(server.url, [pem(fresh)]), before),
                /^the API server still accepts the old client certificate$/,
            );
        });

        it("does not take a 403, a 404 or a 500 for a refusal", async () => {
            const before = kubeconfigOf("", [pem(old)], { client: await credentialsOf(old) });
            for (const status of [403, 404]) {
                using server = await startFakeApiServer(right, answering({ status }));
                const { verified, notVerified } = await rotation(kubeconfigOf(server.url, [pem(fresh)]), before);
                assert.ok(!verified.includes("oldClientCertificateRefused"));
                assert.equal(notVerified[0]?.check, "oldClientCertificateRefused");
            }
            using server = await startFakeApiServer(right, answering({ status: 500 }));
            const error = await failure(rotation(kubeconfigOf(server.url, [pem(fresh)]), before));
            assert.ok(error instanceof VerificationUnanswered);
            assert.ok(error.made.verified.includes("newCredentialsAccepted"));
        });

        it("is not made where there is none", async () => {
            using server = await startFakeApiServer(right, () => KNOWN_USER);
            const now = kubeconfigOf(server.url, [pem(fresh)]);
            const reasonOf = async (before?: Kubeconfig) => (await rotation(now, before)).notVerified;
            const check = "oldClientCertificateRefused";
            assert.deepEqual(await reasonOf(), [
                { check, reason: "the process that held it has ended; it is kept nowhere" },
            ]);
            assert.deepEqual(await reasonOf(kubeconfigOf("", [pem(old)])), [
                { check, reason: "the old kubeconfig had no client certificate" },
            ]);
            assert.equal(server.requests.length, 2);
        });
    });
});
