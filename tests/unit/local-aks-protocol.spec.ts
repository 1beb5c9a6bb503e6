import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { type Answer, accessToken, ask, signIn } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };
const VERSION = "api-version=2026-04-01";

function errorOf({ body }: Answer): { code?: string; message?: string } {
    return JSON.parse(body ?? "").error;
}

describe("local AKS: sign-in", () => {
    let aks: LocalAks;

    before(async () => {
        aks = await startLocalAks();
        await aks.addCluster({ ...REF, backend: "light" });
    });
    after(() => aks.close());

    it("tells where Resource Manager and sign-in are", async () => {
        const { status, body } = await ask(aks, "GET", "/metadata/endpoints?api-version=2022-09-01");
        const { resourceManager, authentication, suffixes } = JSON.parse(body ?? "");
        assert.equal(status, 200);
        assert.equal(resourceManager, aks.url);
        assert.deepEqual(authentication, {
            loginEndpoint: aks.url,
            audiences: [aks.url],
            tenant: aks.tenantId,
            identityProvider: "AAD",
        });
        assert.ok(suffixes);
    });

    it("gives tokens with the claims that clients read, by the endpoints of both versions", async () => {
        const { expires_in, access_token } = JSON.parse((await signIn(aks)).body ?? "");
        const { aud, tid, appid, oid, exp } = decodeJwt(access_token);
        assert.deepEqual([aud, tid, appid], [aks.url, aks.tenantId, aks.clientId]);
        assert.equal(expires_in, 3600);
        assert.ok(oid && exp);
        const configuration = await ask(aks, "GET", `/${aks.tenantId}/v2.0/.well-known/openid-configuration`);
        const { token_endpoint, jwks_uri } = JSON.parse(configuration.body ?? "");
        assert.equal(token_endpoint, `${aks.url}/${aks.tenantId}/oauth2/v2.0/token`);
        const keys = await ask(aks, "GET", jwks_uri.slice(aks.url.length));
        assert.equal(JSON.parse(keys.body ?? "").keys[0].d, undefined);
        const old = new URLSearchParams({
            grant_type: "client_credentials",
            client_id: aks.clientId,
            client_secret: aks.environment.ARM_CLIENT_SECRET ?? "",
            resource: `${aks.url}/`,
        });
        const first = await ask(aks, "POST", `/${aks.tenantId}/oauth2/token`, { body: old.toString() });
        const token = JSON.parse(first.body ?? "").access_token;
        assert.equal((await ask(aks, "GET", `/subscriptions?${VERSION}`, { token })).status, 200);
    });

    it("refuses in Entra's shape", async () => {
        const refusal = async (form: Record<string, string>) => {
            const { status, body } = await signIn(aks, form);
            const { error, error_codes, error_description } = JSON.parse(body ?? "");
            assert.match(error_description, new RegExp(`^AADSTS${error_codes[0]}: .* Trace ID: .* Timestamp: `));
            return [status, error, error_codes[0]];
        };
        assert.deepEqual(await refusal({ client_secret: "wrong" }), [401, "invalid_client", 7000215]);
        assert.deepEqual(await refusal({ client_id: "unknown" }), [400, "unauthorized_client", 700016]);
        assert.deepEqual(await refusal({ grant_type: "password" }), [400, "unsupported_grant_type", 70003]);
        const nowhere = "/11111111-2222-3333-4444-555555555555/v2.0/.well-known/openid-configuration";
        const { status, body } = await ask(aks, "GET", nowhere);
        assert.deepEqual([status, JSON.parse(body ?? "").error_codes[0]], [400, 90002]);
    });

    it("asks each request to Resource Manager for a token that is valid and meant for it", async () => {
        const refusal = async (token?: string) => {
            const answer = await ask(aks, "GET", `/subscriptions?${VERSION}`, { token });
            assert.match(String(answer.headers?.["www-authenticate"]), /^Bearer authorization_uri="https:/);
            return [answer.status, errorOf(answer).code];
        };
        assert.deepEqual(await refusal(), [401, "AuthenticationFailed"]);
        assert.deepEqual(await refusal("nonsense"), [401, "InvalidAuthenticationToken"]);
        const elsewhere = JSON.parse((await signIn(aks, { scope: "api://other/.default" })).body ?? "").access_token;
        assert.deepEqual(await refusal(elsewhere), [401, "InvalidAuthenticationTokenAudience"]);
        aks.control.setTokenLifetime(-1);
        assert.deepEqual(await refusal(await accessToken(aks)), [401, "ExpiredAuthenticationToken"]);
        aks.control.setTokenLifetime(3600);
    });
});

describe("local AKS: Resource Manager", () => {
    let aks: LocalAks;
    let token: string;
    let cluster: string;
    const arm = (method: string, path: string, body?: object) =>
        ask(aks, method, path, { token, body: body && JSON.stringify(body) });

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.2 });
        await aks.addCluster({ ...REF, backend: "light" });
        token = await accessToken(aks);
        cluster = `/subscriptions/${aks.subscriptionId}/resourcegroups/SHOP/providers/microsoft.containerservice/managedclusters/Prod`;
    });
    after(() => aks.close());

    it("wants an api-version, and a subscription that it knows", async () => {
        const bare = await arm("GET", cluster);
        assert.deepEqual([bare.status, errorOf(bare).code], [400, "MissingApiVersionParameter"]);
        const other = "11111111-2222-3333-4444-555555555555";
        const unknown = await arm("GET", `/subscriptions/${other}/resourceGroups?${VERSION}`);
        assert.deepEqual([unknown.status, errorOf(unknown).code], [404, "SubscriptionNotFound"]);
        const { body } = await arm("GET", `/subscriptions?${VERSION}`);
        assert.equal(JSON.parse(body ?? "").value[0].subscriptionId, aks.subscriptionId);
        assert.equal(JSON.parse((await arm("GET", `/tenants?${VERSION}`)).body ?? "").value[0].tenantId, aks.tenantId);
    });

    it("keeps resource groups", async () => {
        const groups = `/subscriptions/${aks.subscriptionId}/resourceGroups`;
        assert.equal((await arm("PUT", `${groups}/New?${VERSION}`, { location: "north" })).status, 201);
        assert.equal((await arm("PUT", `${groups}/new?${VERSION}`, { location: "north" })).status, 200);
        const { body } = await arm("GET", `${groups}?${VERSION}`);
        const names = JSON.parse(body ?? "").value.map(({ name }: { name: string }) => name);
        assert.deepEqual(names, ["shop", "New"]);
        const missing = await arm("GET", `${groups}/none?${VERSION}`);
        assert.deepEqual([missing.status, errorOf(missing).code], [404, "ResourceGroupNotFound"]);
    });

    it("tells of a rotation by both of its addresses, and when to ask again", async () => {
        aks.control.set(REF, { retryAfterSeconds: 7 });
        const started = await arm("POST", `${cluster}/rotateClusterCertificates?${VERSION}`);
        assert.deepEqual([started.status, started.headers?.["retry-after"]], [202, "7"]);
        const path = (name: string) => String(started.headers?.[name]).slice(aks.url.length);
        const running = await arm("GET", path("azure-asyncoperation"));
        const { id, name, status, startTime, endTime } = JSON.parse(running.body ?? "");
        assert.deepEqual([status, endTime, running.headers?.["retry-after"]], ["InProgress", undefined, "7"]);
        assert.ok(id.endsWith(`/operations/${name}`) && startTime);
        assert.equal((await arm("GET", path("location"))).status, 202);
        const conflict = await arm("POST", `${cluster}/rotateClusterCertificates?${VERSION}`);
        const { code, subcode } = JSON.parse(conflict.body ?? "");
        assert.deepEqual([conflict.status, code, subcode], [409, "OperationNotAllowed", ""]);

        await aks.control.waitUntilIdle(REF);

        const done = JSON.parse((await arm("GET", path("azure-asyncoperation"))).body ?? "");
        assert.equal(done.status, "Succeeded");
        assert.ok(Date.parse(done.endTime) - Date.parse(done.startTime) >= 200);
        assert.equal((await arm("GET", path("location"))).status, 204);
        aks.control.set(REF, { retryAfterSeconds: undefined });
    });

    it("refuses a request that makes no sense", async () => {
        const wrong = await arm("PUT", `${cluster}?${VERSION}`, { location: 5 });
        assert.deepEqual([wrong.status, errorOf(wrong).code], [400, "InvalidRequestContent"]);
        const nonsense = await ask(aks, "PUT", `${cluster}?${VERSION}`, { token, body: "{nonsense" });
        assert.deepEqual([nonsense.status, errorOf(nonsense).code], [400, "InvalidRequestContent"]);
        assert.equal((await arm("POST", `${cluster}/explode?${VERSION}`)).status, 404);
        assert.equal((await arm("DELETE", `${cluster}-none?${VERSION}`)).status, 204);
    });

    it("calls a change of the Kubernetes version an upgrade", async () => {
        aks.control.set(REF, { operationSeconds: 0 });
        const body = { location: "westeurope", properties: { kubernetesVersion: "1.37.0" } };
        const answer = await arm("PUT", `${cluster}?${VERSION}`, body);
        const { provisioningState, kubernetesVersion } = JSON.parse(answer.body ?? "").properties;
        assert.deepEqual([answer.status, provisioningState, kubernetesVersion], [200, "Upgrading", "1.37.0"]);
        await aks.control.waitUntilIdle(REF);
    });
});
