import assert from "node:assert/strict";
import { ClientSecretCredential } from "@azure/identity";
import { clusterToken } from "../../azure/cluster-token";
import { aksServerId } from "../../formats/kubeconfig";
import { ask, shakeHands } from "../../rotator/api-server";
import { causeOf } from "../../rotator/verification";
import { type GetToken, verifyCredentials, verifyRotation } from "../../rotator/verify";
import { clusterFixture, hurried, question, rotated, runRotator, signal } from "../support/cluster-fixture";

const entraId = { aadProfile: { managed: true } };
const isPrivate = { apiServerAccessProfile: { enablePrivateCluster: true } };

describe("clusters", () => {
    it("with local accounts: a rotation is verified", async () => {
        await using fixture = await clusterFixture();
        const { before, now } = await rotated(fixture);
        const { verified, notVerified } = await verifyRotation(
            now,
            question({ before, now }).before,
            fixture.getToken,
            signal(),
            { clock: hurried },
        );
        assert.equal(verified.length, 6);
        assert.deepEqual(notVerified, []);
    });

    for (const format of [undefined, "exec", "azure"] as const) {
        it(`with Microsoft Entra ID, format ${format ?? "left out"}: a rotation is verified with a token`, async () => {
            await using fixture = await clusterFixture({ ...entraId, disableLocalAccounts: true });
            const { before, now } = await rotated(fixture, { format });
            assert.equal(now.client, undefined);
            assert.equal(now.signIn?.kind, format === "azure" ? "auth-provider" : "exec");
            assert.equal(now.signIn?.tenantId, fixture.aks.tenantId);
            const { verified, notVerified } = await verifyRotation(
                now,
                question({ before, now }).before,
                fixture.getToken,
                signal(),
                { clock: hurried },
            );
            assert.deepEqual(verified, [
                "provisioningState",
                "caChanged",
                "newCaAccepted",
                "newCredentialsAccepted",
                "oldCaRefused",
            ]);
            assert.deepEqual(notVerified, [
                { check: "oldClientCertificateRefused", reason: "the old kubeconfig had no client certificate" },
            ]);
        });
    }

    it("with Microsoft Entra ID refuse a token for another application", async () => {
        await using fixture = await clusterFixture(entraId);
        const now = await fixture.azure().credentials(signal());
        const forAzure = async () =>
            (await fixture.signIn.credential.getToken(`${fixture.aks.url}/.default`))?.token ?? assert.fail("no token");
        await assert.rejects(
            verifyCredentials(now, forAzure, signal()),
            /does not accept the credentials: the token of this sign-in to Microsoft Entra ID is not one for it/,
        );
    });

    it("with Microsoft Entra ID: a sign-in that is refused is told in Entra's words", async () => {
        await using fixture = await clusterFixture(entraId);
        const now = await fixture.azure().credentials(signal());
        const { clientId, tenantId, url: authorityHost } = fixture.aks;
        const options = { authorityHost, disableInstanceDiscovery: true };
        const credential = new ClientSecretCredential(tenantId, clientId, "not the secret", options);
        const getToken: GetToken = (plugin) => clusterToken({ ...fixture.signIn, credential }, plugin);
        await assert.rejects(verifyCredentials(now, getToken, signal()), (thrown) => {
            const error = causeOf(thrown) as Error & { advice?: string };
            const application = `application 6dae42f8-4368-4678-94ff-3960e28e3630, tenant ${tenantId}; client secret`;
            assert.match(
                error.message,
                new RegExp(`gave no token for the API server \\(${application}\\): .*AADSTS7000215`),
            );
            assert.match(error.advice ?? "", /set credentials to "admin"/);
            return true;
        });
    });

    it("with Microsoft Entra ID: tokens that were accepted before a rotation and are refused after it are the cluster's side", async () => {
        await using fixture = await clusterFixture({ ...entraId, disableLocalAccounts: true });
        const { record } = await runRotator(fixture, {});
        const refuse = (skip: number) =>
            fixture.aks.control.addFault({
                match: { kind: "apiServer", path: "selfsubjectreviews$" },
                action: { type: "answer", status: 401 },
                skip,
                count: 0,
            });
        // The preflight's question is answered; those after the rotation are not.
        refuse(1);
        const told = await runRotator(fixture, { settleTimeoutSeconds: 1 }, record).then(
            () => assert.fail("it was verified"),
            (error: Error) => error.message,
        );
        assert.match(
            told,
            /^The cluster was rotated, but the result cannot be verified: .*accepted before the rotation/,
        );
        assert.match(told, /on the cluster's side, not that of the sign-in/);
        assert.match(told, /What AKS support asks for:\n {2}cluster: [\s\S]*operation id: [\da-f-]{36}/);
        assert.doesNotMatch(told, /tenant|az login|credentials to "admin"/);
        assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, 1);
    }).timeout(60_000);

    it("with Microsoft Entra ID in another tenant than the sign-in: it says which variable to set", async () => {
        await using fixture = await clusterFixture(entraId);
        await assert.rejects(
            fixture.getToken({
                serverId: "6dae42f8-4368-4678-94ff-3960e28e3630",
                tenantId: "11111111-1111-4111-8111-111111111111",
            }),
            (error: Error & { advice?: string }) => /ARM_AUXILIARY_TENANT_IDS/.test(error.advice ?? ""),
        );
    });

    it("with Microsoft Entra ID and local accounts give an admin's credentials; without them AKS refuses", async () => {
        await using both = await clusterFixture(entraId);
        assert.notEqual((await both.azure({ credentials: "admin" }).credentials(signal())).client, undefined);
        await using without = await clusterFixture({ ...entraId, disableLocalAccounts: true });
        await assert.rejects(
            without.azure({ credentials: "admin" }).credentials(signal()),
            /Getting static credential is not allowed because this cluster is set to disable local accounts/,
        );
    });

    it("with Azure RBAC: a user without any role is verified all the same", async () => {
        await using fixture = await clusterFixture({ aadProfile: { managed: true, enableAzureRBAC: true } });
        fixture.aks.control.denyActions(["Microsoft.ContainerService/managedClusters/configmaps/read"]);
        const now = await fixture.azure().credentials(signal());
        const token = await fixture.getToken({ serverId: aksServerId });
        const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
        const request = { method: "GET", path, caller: { token } } as const;
        assert.equal(await ask(now, now.caCertificate, request, signal()), 403);
        const { verified } = await verifyCredentials(now, fixture.getToken, signal());
        assert.deepEqual(verified, ["newCaAccepted", "newCredentialsAccepted"]);
    });

    it("with a CA bundle of several certificates: a rotation is verified", async () => {
        await using fixture = await clusterFixture({ otherAuthorities: 2 });
        const { before, now } = await rotated(fixture);
        assert.equal(now.ca.length, 3);
        assert.equal(now.caFingerprints.filter((fingerprint) => before.caFingerprints.includes(fingerprint)).length, 2);
        const { notVerified } = await verifyRotation(now, question({ before, now }).before, fixture.getToken, signal());
        assert.deepEqual(notVerified, []);
    });

    it("that are private, or have authorised IP ranges without this machine, cannot be reached", async () => {
        const ranges = (list: string[]) => ({ apiServerAccessProfile: { authorizedIPRanges: list } });
        for (const [kind, reachable] of [
            [isPrivate, false],
            [ranges(["192.0.2.0/24"]), false],
            [ranges(["192.0.2.0/24", "127.0.0.0/8"]), true],
        ] as const) {
            await using fixture = await clusterFixture(kind as object);
            const credentials = await fixture.azure().credentials(signal());
            const shaken = await shakeHands(credentials, credentials.caCertificate, signal()).then(
                () => true,
                () => false,
            );
            assert.equal(shaken, reachable, JSON.stringify(kind));
        }
    });

    it("that are private have the name that serverFqdn asks for", async () => {
        const kind = { apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true } };
        await using fixture = await clusterFixture(kind);
        const host = async (serverFqdn: "public" | "private" | undefined, credentials: "user" | "admin") =>
            new URL((await fixture.azure({ serverFqdn, credentials }).credentials(signal())).server).hostname;
        for (const role of ["user", "admin"] as const) {
            assert.equal(await host("public", role), "localhost");
            assert.equal(await host("private", role), "127.0.0.1");
            assert.equal(await host(undefined, role), "127.0.0.1");
        }
    });
});
