import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { clusterToken } from "../../azure/cluster-token";
import { aksServerId } from "../../formats/kubeconfig";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { verifyCredentials } from "../../rotator/verify";
import { fakeAz, ref, signInAndLook } from "../support/sign-in";
import { withEnvironment } from "../support/with-environment";

describe("the tenant of a sign-in, for a cluster with Microsoft Entra ID", () => {
    let aks: LocalAks;
    let folder: string;
    let secret: { ARM_CLIENT_ID: string; ARM_CLIENT_SECRET: string };
    const domain = "contoso.onmicrosoft.com";

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...ref, backend: "light", aadProfile: { managed: true }, disableLocalAccounts: true });
        aks.control.addDomain(domain);
        folder = await mkdtemp(join(tmpdir(), "sign-in-"));
        const { clientId, clientSecret } = aks.control.addClient();
        secret = { ARM_CLIENT_ID: clientId, ARM_CLIENT_SECRET: clientSecret };
    });
    after(async () => {
        await aks.close();
        await rm(folder, { recursive: true, force: true });
    });

    const variables = (tenant: string): Record<string, Record<string, string>> => ({
        "a client secret": { ...secret, ARM_TENANT_ID: tenant },
        DefaultAzureCredential: {
            ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
            AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
            AZURE_TENANT_ID: tenant,
            AZURE_CLIENT_ID: secret.ARM_CLIENT_ID,
            AZURE_CLIENT_SECRET: secret.ARM_CLIENT_SECRET,
        },
    });
    const spellings: Record<string, () => string> = {
        "in lower case": () => aks.tenantId,
        "in upper case": () => aks.tenantId.toUpperCase(),
        "as a domain": () => domain,
    };

    for (const [spelling, tenant] of Object.entries(spellings)) {
        for (const way of ["a client secret", "DefaultAzureCredential"]) {
            it(`may be written ${spelling}, with ${way}`, async () => {
                const env = variables(tenant())[way] ?? {};
                const { signIn, azure } = await signInAndLook(aks, env);
                const signal = AbortSignal.timeout(20_000);
                const now = await azure.credentials(signal);
                assert.equal(now.signIn?.tenantId, aks.tenantId);
                const getToken: Parameters<typeof verifyCredentials>[1] = (plugin) =>
                    withEnvironment(env, () => clusterToken(signIn, plugin));
                const { verified } = await verifyCredentials(now, getToken, signal);
                assert.deepEqual(verified, ["newCaAccepted", "newCredentialsAccepted"]);
            });
        }

        it(`may be written ${spelling}, with the az CLI`, async () => {
            const { PATH, log } = await fakeAz(aks, folder);
            const { signIn } = await signInAndLook(aks, { PATH, ARM_TENANT_ID: tenant() });
            const asked = { serverId: aksServerId, tenantId: aks.tenantId };
            await withEnvironment({ PATH }, () => clusterToken(signIn, asked));
            const [last = ""] = (await readFile(log, "utf8")).trim().split("\n").slice(-1);
            assert.match(last, /--tenant \S+$/);
            const named = last.split(" ").at(-1)?.toLowerCase();
            assert.ok(named === aks.tenantId || named === domain, last);
        });
    }

    it("may be another one that is named beside it, in upper or lower case or as a domain; and no other", async () => {
        const { tenantId } = aks.control.addTenant(secret.ARM_CLIENT_ID);
        const unnamed = aks.control.addTenant(secret.ARM_CLIENT_ID).tenantId;
        aks.control.addDomain("fabrikam.example", tenantId);
        const of = async (named: string, asked: string) => {
            const ARM_AUXILIARY_TENANT_IDS = JSON.stringify([named]);
            const env = { ...secret, ARM_TENANT_ID: aks.tenantId, ARM_AUXILIARY_TENANT_IDS };
            const { signIn } = await signInAndLook(aks, env);
            return decodeJwt(await clusterToken(signIn, { serverId: aksServerId, tenantId: asked })).tid;
        };
        for (const named of [tenantId, tenantId.toUpperCase(), "fabrikam.example"]) {
            assert.equal(await of(named, tenantId), tenantId, named);
            assert.equal(await of(named, tenantId.toUpperCase()), tenantId, named);
        }
        await assert.rejects(of(tenantId, unnamed), /not configured to acquire tokens for tenant/);
    });
});
