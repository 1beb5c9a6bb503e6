import assert from "node:assert/strict";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { makeClientCertificate } from "../support/client-certificate";
import { accessToken, ask, signIn } from "./local-aks-clients";

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

describe("local AKS: sign-in service", () => {
    let aks: LocalAks;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
    });
    after(() => aks.close());

    async function outcome(form: Record<string, string>): Promise<[number | undefined, number | undefined]> {
        const { status, body } = await signIn(aks, form);
        return [status, JSON.parse(body ?? "").error_codes?.[0]];
    }

    const present = (client_assertion: string, client_id = aks.clientId) =>
        outcome({ client_assertion_type: assertionType, client_assertion, client_id });

    it("gives tokens for the AKS server application", async () => {
        const scope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
        const { access_token } = JSON.parse((await signIn(aks, { scope })).body ?? "");
        assert.equal(decodeJwt(access_token).aud, "6dae42f8-4368-4678-94ff-3960e28e3630");
    });

    it("refuses a secret whose time is over, and takes the next", async () => {
        const { clientId, clientSecret } = aks.control.addClient();
        const show = (client_secret: string) => outcome({ client_id: clientId, client_secret });
        assert.deepEqual(await show(clientSecret), [200, undefined]);
        aks.control.expireSecret(clientId);
        assert.deepEqual(await show(clientSecret), [401, 7000222]);
        const renewed = aks.control.renewSecret(clientId).clientSecret;
        assert.deepEqual(await show(renewed), [200, undefined]);
        assert.deepEqual(await show(clientSecret), [401, 7000215]);
    });

    it("takes an assertion that a registered certificate has signed, for this tenant, in time", async () => {
        const { clientId } = aks.control.addClient();
        const [known, unknown, expired] = await Promise.all([1, 1, -1].map((days) => makeClientCertificate(days)));
        assert.ok(known && unknown && expired);
        aks.control.addCertificate(clientId, known.certificate);
        aks.control.addCertificate(clientId, expired.certificate);
        const own = `${aks.url}/${aks.tenantId}/oauth2/v2.0/token`;
        const sign = (named: typeof known, key = named.key, audience = own, expires: number | string = "5m") =>
            new SignJWT({})
                .setProtectedHeader({ alg: "RS256", "x5t#S256": sha256(named.certificate) })
                .setIssuer(clientId)
                .setSubject(clientId)
                .setAudience(audience)
                .setExpirationTime(expires)
                .sign(createPrivateKey(key));
        assert.deepEqual(await present(await sign(known), clientId), [200, undefined]);
        assert.deepEqual(await present(await sign(unknown), clientId), [401, 700027]);
        assert.deepEqual(await present(await sign(expired), clientId), [401, 700027]);
        assert.deepEqual(await present(await sign(known, unknown.key), clientId), [401, 700027], "another's key");
        assert.deepEqual(await present(await sign(known, known.key, "https://example.com"), clientId), [401, 700023]);
        assert.deepEqual(await present(await sign(known, known.key, own, 1_000_000_000), clientId), [401, 700024]);
        assert.deepEqual(await present("not a token", clientId), [401, 50027]);
    });

    it("takes a token of a trusted issuer, subject and audience, signed with the issuer's key", async () => {
        const { clientId } = aks.control.addClient();
        const { issuer } = await aks.control.addIssuer("github", "repo:shop/infra:ref:refs/heads/main");
        const other = await aks.control.addIssuer("github", "repo:shop/infra:ref:refs/heads/main");
        aks.control.addFederatedCredential(clientId, { issuer, subject: "repo:shop/infra:ref:refs/heads/main" });
        const show = async (token: Parameters<typeof aks.control.identityToken>[1], of = issuer) =>
            present(await aks.control.identityToken(of, token), clientId);
        assert.deepEqual(await show({}), [200, undefined]);
        assert.deepEqual(await show({}, other.issuer), [401, 700211]);
        assert.deepEqual(await show({ subject: "repo:shop/infra:ref:refs/heads/Main" }), [401, 700213]);
        assert.deepEqual(await show({ audience: "https://example.com" }), [401, 700212]);
        assert.deepEqual(await show({ seconds: -60 }), [401, 700024]);
        assert.deepEqual(await show({ forged: true }), [401, 50013]);
    });

    it("has more than one tenant, and takes at Resource Manager only tokens of the subscription's", async () => {
        const { tenantId } = aks.control.addTenant(aks.clientId);
        const stranger = aks.control.addClient();
        const form = (client: { clientId: string; clientSecret: string }) =>
            new URLSearchParams({
                grant_type: "client_credentials",
                client_id: client.clientId,
                client_secret: client.clientSecret,
                scope: `${aks.url}/.default`,
            }).toString();
        const secret = aks.environment.ARM_CLIENT_SECRET ?? "";
        const path = `/${tenantId}/oauth2/v2.0/token`;
        const refused = await ask(aks, "POST", path, { body: form(stranger) });
        assert.match(refused.body ?? "", /AADSTS700016/);
        const taken = await ask(aks, "POST", path, { body: form({ clientId: aks.clientId, clientSecret: secret }) });
        const token = JSON.parse(taken.body ?? "").access_token;
        assert.equal(decodeJwt(token).tid, tenantId);
        const look = (bearer: string) => ask(aks, "GET", "/subscriptions?api-version=2022-12-01", { token: bearer });
        assert.match((await look(token)).body ?? "", /InvalidAuthenticationTokenTenant/);
        assert.equal((await look(await accessToken(aks))).status, 200);
    });

    it("does all that over HTTP too", async () => {
        const post = async (path: string, body?: object) =>
            JSON.parse((await ask(aks, "POST", `/_control${path}`, { body: JSON.stringify(body ?? {}) })).body || "{}");
        const { clientId } = await post("/clients");
        const { issuer } = await post("/issuers", { kind: "kubernetes", subject: "system:serviceaccount:a:b" });
        await post(`/clients/${clientId}/federated-credentials`, { issuer, subject: "system:serviceaccount:a:b" });
        const { token } = await post("/identity-tokens", { issuer });
        assert.deepEqual(await present(token, clientId), [200, undefined]);
        const { certificate } = await makeClientCertificate();
        await post(`/clients/${clientId}/certificates`, { certificate });
        assert.match((await post(`/clients/${clientId}/secrets`)).clientSecret, /8Q~/);
        assert.match((await post("/managed-identities", { kind: "user" })).clientId, /^[\da-f-]{36}$/);
        assert.match((await post(`/clients/${clientId}/tenants`)).tenantId, /^[\da-f-]{36}$/);
        await post("/domains", { domain: "Contoso.example" });
        const configuration = await ask(aks, "GET", "/contoso.example/v2.0/.well-known/openid-configuration");
        assert.equal(JSON.parse(configuration.body ?? "").issuer, `${aks.url}/${aks.tenantId}/v2.0`);
        assert.equal((await ask(aks, "PUT", `/_control/clients/${clientId}/secret-expired`)).status, 204);
        assert.equal((await ask(aks, "PUT", "/_control/clients/nobody/secret-expired")).status, 404);
    });
});

function sha256(pem: string): string {
    return createHash("sha256").update(new X509Certificate(pem).raw).digest("base64url");
}
