import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ContainerServiceClient } from "@azure/arm-containerservice";
import { ClientSecretCredential } from "@azure/identity";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { caOf, reviewSelf } from "./local-aks-clients";

const REF = { resourceGroup: "shop", name: "prod" };

/** Azure's own SDK, pointed at the local AKS as a user would point it. */
function sdk(aks: LocalAks, secret = aks.environment.ARM_CLIENT_SECRET ?? "", tenant = aks.tenantId) {
    const tlsOptions = { ca: readFileSync(aks.caFile, "utf8") };
    const retryOptions = { maxRetries: 0 };
    const credential = new ClientSecretCredential(tenant, aks.clientId, secret, {
        authorityHost: aks.url,
        disableInstanceDiscovery: true,
        tlsOptions,
        retryOptions,
    });
    return new ContainerServiceClient(credential, aks.subscriptionId, {
        endpoint: aks.url,
        credentials: { scopes: [`${aks.url}/.default`] },
        tlsOptions,
        retryOptions,
    });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
    const collected: T[] = [];
    for await (const item of items) {
        collected.push(item);
    }
    return collected;
}

describe("local AKS, seen by Azure's SDK", () => {
    let aks: LocalAks;
    let client: ContainerServiceClient;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...REF, backend: "light", tags: { team: "shop" } });
        client = sdk(aks);
    });
    after(() => aks.close());

    async function kubeconfig(role: "User" | "Admin" = "User"): Promise<string> {
        const { kubeconfigs } = await client.managedClusters[`listCluster${role}Credentials`](
            REF.resourceGroup,
            REF.name,
        );
        return Buffer.from(kubeconfigs?.[0]?.value ?? "").toString("utf8");
    }

    it("shows a cluster, whatever case its name is asked in", async () => {
        const cluster = await client.managedClusters.get("SHOP", "Prod");
        assert.equal(cluster.name, "prod");
        assert.equal(cluster.provisioningState, "Succeeded");
        assert.equal(cluster.powerState?.code, "Running");
        assert.equal(cluster.resourceUID?.length, 24);
        assert.deepEqual(cluster.tags, { team: "shop" });
    });

    it("rotates: the old credentials stop working, the new ones work, the server stays where it was", async () => {
        const before = await kubeconfig();
        assert.deepEqual(await reviewSelf(before), { username: "masterclient" });
        const counts = aks.control.cluster(REF).rotations;

        await client.managedClusters.rotateClusterCertificates(REF.resourceGroup, REF.name, { updateIntervalInMs: 20 });

        const after = await kubeconfig();
        assert.notEqual(caOf(after).ca, caOf(before).ca);
        assert.equal(caOf(after).server, caOf(before).server);
        assert.deepEqual(await reviewSelf(after), { username: "masterclient" });
        assert.match((await reviewSelf(before)).error ?? "", /unable to verify|self.signed|certificate/i);
        assert.deepEqual(await reviewSelf(before, caOf(after).ca), { status: 401 });
        const { started, finished, startedBySomebodyElse } = aks.control.cluster(REF).rotations;
        assert.deepEqual([started, finished, startedBySomebodyElse], [counts.started + 1, counts.finished + 1, 0]);
    });

    it("names clusters, contexts and users as AKS does", async () => {
        const [user, admin] = [caOf(await kubeconfig("User")), caOf(await kubeconfig("Admin"))];
        assert.deepEqual([user.cluster, user.context, user.user], ["prod", "prod", "clusterUser_shop_prod"]);
        assert.deepEqual([admin.cluster, admin.context, admin.user], ["prod", "prod", "clusterAdmin_shop_prod"]);
    });

    it("answers a rotation that Azure fails, with Azure's error", async () => {
        aks.control.set(REF, { rotationOutcomes: [{ status: "Failed", code: "Boom", message: "It broke." }] });
        const { caFingerprint } = aks.control.cluster(REF);
        await assert.rejects(
            async () =>
                await client.managedClusters.rotateClusterCertificates(REF.resourceGroup, REF.name, {
                    updateIntervalInMs: 20,
                }),
            /Boom|It broke/,
        );
        assert.equal((await client.managedClusters.get(REF.resourceGroup, REF.name)).provisioningState, "Failed");
        assert.equal(aks.control.cluster(REF).caFingerprint, caFingerprint);
        await client.managedClusters.rotateClusterCertificates(REF.resourceGroup, REF.name, { updateIntervalInMs: 20 });
        assert.notEqual(aks.control.cluster(REF).caFingerprint, caFingerprint);
    });

    it("creates, tags, stops, starts, lists and deletes clusters", async () => {
        const quick = { updateIntervalInMs: 20 };
        const ref = { resourceGroup: REF.resourceGroup, name: "second" };
        const poller = client.managedClusters.createOrUpdate(ref.resourceGroup, ref.name, { location: "north" }, quick);
        assert.equal((await poller).provisioningState, "Succeeded");
        aks.control.set(ref, { operationSeconds: 0.05 });
        await client.managedClusters.updateTags(ref.resourceGroup, ref.name, { tags: { a: "b" } }, quick);
        await client.managedClusters.stop(ref.resourceGroup, ref.name, quick);
        const stopped = await client.managedClusters.get(ref.resourceGroup, ref.name);
        assert.deepEqual([stopped.tags, stopped.powerState?.code, stopped.location], [{ a: "b" }, "Stopped", "north"]);
        await client.managedClusters.start(ref.resourceGroup, ref.name, quick);
        const names = async () => (await collect(client.managedClusters.list())).map(({ name }) => name);
        assert.deepEqual(await names(), ["prod", "second"]);
        await client.managedClusters.delete(ref.resourceGroup, ref.name, quick);
        assert.deepEqual(await names(), ["prod"]);
        const inGroup = await collect(client.managedClusters.listByResourceGroup(ref.resourceGroup));
        assert.equal(inGroup.length, 1);
        await assert.rejects(client.managedClusters.get(ref.resourceGroup, ref.name), { code: "ResourceNotFound" });
    });

    it("refuses in Azure's words", async () => {
        const wrongSecret = sdk(aks, "wrong").managedClusters.get(REF.resourceGroup, REF.name);
        await assert.rejects(wrongSecret, /AADSTS7000215: Invalid client secret/);
        const wrongTenant = sdk(aks, undefined, "11111111-2222-3333-4444-555555555555");
        await assert.rejects(
            wrongTenant.managedClusters.get(REF.resourceGroup, REF.name),
            /AADSTS90002|endpoints_resolution/,
        );
        await assert.rejects(client.managedClusters.get("nowhere", REF.name), { code: "ResourceGroupNotFound" });
        await assert.rejects(client.managedClusters.get(REF.resourceGroup, "none"), { code: "ResourceNotFound" });

        const action = "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action";
        aks.control.denyActions([action]);
        await assert.rejects(
            async () => await client.managedClusters.rotateClusterCertificates(REF.resourceGroup, REF.name),
            (error: Error & { code?: string }) =>
                error.code === "AuthorizationFailed" && error.message.includes(action),
        );
        aks.control.denyActions([]);

        const { finished } = aks.control.beginOperation(REF, "Upgrading", 0.3);
        const state = await client.managedClusters.get(REF.resourceGroup, REF.name);
        assert.equal(state.provisioningState, "Upgrading");
        await assert.rejects(
            async () => await client.managedClusters.rotateClusterCertificates(REF.resourceGroup, REF.name),
            (error: Error & { statusCode?: string | number }) =>
                Number(error.statusCode) === 409 && error.message.includes("in progress upgrading operation"),
        );
        await finished;
    });
});
