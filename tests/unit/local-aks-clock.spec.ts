import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { decodeJwt } from "jose";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { accessToken, ask, caOf, reviewSelf, signIn } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const HOUR = 3600;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("local AKS: clock", () => {
    let aks: LocalAks;
    let id: string;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.05 });
        await aks.addCluster({ ...REF, backend: "light" });
        id = aks.control.cluster(REF).id;
    });
    afterEach(() => aks.close());

    async function kubeconfig(): Promise<string> {
        const token = await accessToken(aks);
        const { body } = await ask(aks, "POST", `${id}/listClusterAdminCredential?api-version=1`, { token });
        return Buffer.from(JSON.parse(body ?? "").kubeconfigs[0].value, "base64").toString("utf8");
    }

    /** In seconds, of a moment in milliseconds. */
    function ahead(moment: number): number {
        return (moment - Date.now()) / 1000;
    }

    function assertAbout(seconds: number, expected: number): void {
        assert.ok(Math.abs(seconds - expected) < 30, `${seconds} s instead of ${expected} s`);
    }

    for (const skew of [2 * HOUR, -2 * HOUR]) {
        it(`shows in all that Azure dates: ${skew} s`, async () => {
            aks.control.setClockSkew(skew);
            const signedIn = await signIn(aks);
            const { access_token: token, expires_in } = JSON.parse(signedIn.body ?? "");
            const { iat = 0, nbf = 0, exp = 0 } = decodeJwt(token);
            assertAbout(ahead(iat * 1000), skew);
            assertAbout(ahead(nbf * 1000), skew);
            assertAbout(ahead(exp * 1000), skew + HOUR);
            assert.equal(expires_in, HOUR);
            assertAbout(ahead(Date.parse(String(signedIn.headers?.date))), skew);

            const action = { type: "answer", status: 429, retryAfterSeconds: 60, retryAfterAsDate: true } as const;
            aks.control.addFault({ match: { kind: "getCluster" }, action });
            const { headers } = await ask(aks, "GET", `${id}?api-version=1`, { token });
            assertAbout(ahead(Date.parse(String(headers?.["retry-after"]))), skew + 60);
            assertAbout(ahead(Date.parse(String(headers?.date))), skew);

            const begun = await ask(aks, "POST", `${id}/rotateClusterCertificates?api-version=1`, { token });
            await aks.control.waitUntilIdle(REF);
            const path = String(begun.headers?.["azure-asyncoperation"]).slice(aks.url.length);
            const { startTime, endTime } = JSON.parse((await ask(aks, "GET", path, { token })).body ?? "");
            assertAbout(ahead(Date.parse(startTime)), skew);
            assertAbout(ahead(Date.parse(endTime)), skew);
            assertAbout(aks.control.cluster(REF).rotations.lastSeconds ?? 0, 0);
            assertAbout(ahead(Date.parse(aks.control.requests()[0]?.time ?? "")), 0);

            const { ca, certificate } = caOf(await kubeconfig());
            for (const [pem, years] of [[ca, 30] as const, [certificate, 2] as const]) {
                const { validFromDate, validToDate } = new X509Certificate(pem);
                assertAbout(ahead(validFromDate.getTime()), skew - 300);
                assertAbout(ahead(validToDate.getTime()), skew + years * 365 * 24 * HOUR);
            }
        });
    }

    it("decides whether a token is valid", async () => {
        const list = async (token: string) => {
            const { status, body } = await ask(aks, "GET", "/subscriptions?api-version=1", { token });
            return [status, JSON.parse(body ?? "").error?.code];
        };
        const token = await accessToken(aks);
        assert.deepEqual(await list(token), [200, undefined]);
        aks.control.setClockSkew(2 * HOUR);
        assert.deepEqual(await list(token), [401, "ExpiredAuthenticationToken"]);
        assert.deepEqual(await list(await accessToken(aks)), [200, undefined]);
        aks.control.setClockSkew(-2 * HOUR);
        assert.deepEqual(await list(token), [401, "InvalidAuthenticationToken"]);
    });

    it("decides whether a client certificate is in date", async () => {
        await aks.control.replaceCertificates(REF, { client: HOUR });
        const config = await kubeconfig();
        assert.deepEqual(await reviewSelf(config), { username: "masterclient" });
        aks.control.setClockSkew(2 * HOUR);
        assert.deepEqual(await reviewSelf(config), { status: 401 });
        aks.control.setClockSkew(-2 * HOUR);
        assert.deepEqual(await reviewSelf(config), { status: 401 });
    });

    it("is set over HTTP too", async () => {
        const put = (body: object) => ask(aks, "PUT", "/_control/clock-skew", { body: JSON.stringify(body) });
        assert.equal((await put({ seconds: -HOUR })).status, 204);
        const { headers } = await ask(aks, "GET", "/metadata/endpoints?api-version=1");
        assertAbout(ahead(Date.parse(String(headers?.date))), -HOUR);
        assert.equal((await put({ seconds: "1" })).status, 400);
    });

    it("stands beside IDs of the request in each answer of Resource Manager, injected ones too", async () => {
        const token = await accessToken(aks);
        aks.control.addFault({ match: { kind: "getCluster" }, action: { type: "answer", status: 500 }, skip: 1 });
        const get = (path: string) => ask(aks, "GET", path, { token });
        const path = `${id}?api-version=1`;
        const seen = new Set<string>();
        for (const answer of [await get(path), await get(path), await get("/nowhere"), await get(id)]) {
            for (const name of ["x-ms-request-id", "x-ms-correlation-request-id"]) {
                assert.match(String(answer.headers?.[name]), UUID);
                seen.add(String(answer.headers?.[name]));
            }
            assertAbout(ahead(Date.parse(String(answer.headers?.date))), 0);
        }
        assert.equal(seen.size, 8);
        assert.equal((await signIn(aks)).headers?.["x-ms-correlation-request-id"], undefined);
    });
});
