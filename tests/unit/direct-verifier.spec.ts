import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { aksServerId, type Kubeconfig, type SignInPlugin } from "../../formats/kubeconfig";
import type { Authority } from "../../rehearsal/local-aks/certificates";
import { DirectVerifier } from "../../rotator/direct-verifier";
import { CheckFailed, VerificationUnanswered } from "../../rotator/verification";
import type { GetToken } from "../../rotator/verify";
import {
    authority,
    type FakeAnswer,
    KNOWN_USER,
    kubeconfigOf,
    serverIdentity,
    startFakeApiServer,
} from "../support/fake-api-server";

const signIn: SignInPlugin = { kind: "exec", name: "kubelogin", serverId: aksServerId };

describe("a verification with a token of Microsoft Entra ID", () => {
    let old: Authority;
    let ca: Authority;
    before(async () => {
        [old, ca] = await Promise.all([authority(), authority()]);
    });

    const start = async (answer: FakeAnswer) => startFakeApiServer(await serverIdentity(ca), () => answer);
    const question = ({ url }: { url: string }, rotated = false, user: Partial<Kubeconfig> = { signIn }) => ({
        rotated,
        now: kubeconfigOf(url, [ca.identity.certificate], user),
        before: { caCertificate: old.identity.certificate, credentials: undefined },
    });

    it("does not count the time that the token takes as the API server's", async () => {
        using server = await start(KNOWN_USER);
        const slow: GetToken = async () => {
            await sleep(600);
            return "t";
        };
        const verifier = new DirectVerifier(slow, { tokenMs: 5_000, verifyMs: 500 });
        const { verified } = await verifier.verify(question(server), 5_500);
        assert.deepEqual(verified, ["newCaAccepted", "newCredentialsAccepted"]);
    });

    it("waits no longer for a token than it may, and checks what needs none", async () => {
        using server = await start(KNOWN_USER);
        const never: GetToken = () => new Promise(() => {});
        const verifier = new DirectVerifier(never, { tokenMs: 100, verifyMs: 5_000 });
        await assert.rejects(verifier.verify(question(server), 10_000), (error) => {
            assert.ok(error instanceof VerificationUnanswered);
            assert.equal((error.cause as Error).name, "TimeoutError");
            assert.deepEqual(error.made.verified, ["newCaAccepted"]);
            return true;
        });
        const began = performance.now();
        await assert.rejects(new DirectVerifier(never).verify(question(server), 100));
        assert.ok(performance.now() - began < 5_000, "its own limit is the shorter one");
    });

    it("asks for none where the user has a credential of its own", async () => {
        using server = await start(KNOWN_USER);
        const verifier = new DirectVerifier(() => assert.fail("no token is needed"));
        const { verified } = await verifier.verify(question(server, false, { token: "own" }), 5_000);
        assert.deepEqual(verified, ["newCaAccepted", "newCredentialsAccepted"]);
        assert.equal(server.requests[0]?.token, "Bearer own");
    });

    it("names the token that was refused when it asks for the next one", async () => {
        using server = await start({ status: 401 });
        const asked: unknown[] = [];
        let issued = 0;
        const verifier = new DirectVerifier(async (request, refused) => {
            asked.push([request, refused]);
            issued++;
            return `token ${issued}`;
        });
        for (let i = 0; i < 3; i++) {
            await assert.rejects(verifier.verify(question(server), 5_000), CheckFailed);
        }
        assert.deepEqual(asked, [
            [signIn, undefined],
            [signIn, "token 1"],
            [signIn, "token 2"],
        ]);
    });

    it("that was accepted before the rotation and is refused after it is a matter for AKS support", async () => {
        using server = await start({ status: 401 });
        const verifier = new DirectVerifier(async () => "t");
        const advice = () =>
            verifier.verify(question(server, true), 5_000).then(
                () => assert.fail("it passed"),
                (error: CheckFailed) => error.advice ?? "",
            );
        assert.match(await advice(), /cluster's tenant/);
        verifier.noteAcceptedToken();
        assert.match(await advice(), /Ask AKS support/);
    });
});
