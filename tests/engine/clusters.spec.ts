import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import * as containerservice from "@pulumi/azure-native/containerservice";
import * as resources from "@pulumi/azure-native/resources";
import * as core from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from "../../components";
import { ThroughCommand } from "../../rotator/through-command";
import { clusterFixture } from "../support/cluster-fixture";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** A folder with a fake kubelogin in it, and the file to which that tells its runs. */
async function fakeKubelogin() {
    const folder = await mkdtemp(join(tmpdir(), "fake-kubelogin-"));
    const program = join(folder, "kubelogin");
    const fake = join(__dirname, "..", "support", "fake-kubelogin.mjs");
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${fake}" "$@"\n`);
    await chmod(program, 0o755);
    const path = process.env.PATH;
    return {
        log: join(folder, "log"),
        path: [folder, path].join(delimiter),
        /** Puts it on the PATH of this process, in which the programs of the tests run. */
        use() {
            process.env.PATH = this.path;
        },
        async [Symbol.asyncDispose]() {
            process.env.PATH = path;
            await rm(folder, { recursive: true });
        },
    };
}

/** A program that uses the component's provider, without an object in the cluster. */
const withProvider = async (args: ConstructorParameters<typeof CertificateRotation>[1]) => {
    const { provider, kubeconfig, clusterIdentifier, rotation } = new CertificateRotation("cluster", args);
    return { kubeconfig, clusterIdentifier, rotation, provider: provider.id };
};

describe("clusters, with the real engine", function () {
    this.timeout(engineTimeoutMs);

    it("with Microsoft Entra ID: a missing kubelogin is told by the preview; with one, all moves on in place", async () => {
        await using kubelogin = await fakeKubelogin();
        await using scene = await Scene.open({
            backend: "control-plane",
            kind: { aadProfile: { managed: true }, disableLocalAccounts: true },
            environment: { PATH: kubelogin.path, FAKE_KUBELOGIN_LOG: kubelogin.log },
            program: async (args) => {
                const { provider, rotation } = new CertificateRotation("cluster", args);
                const settings = new core.ConfigMap("settings", { data: { currency: "EUR" } }, { provider });
                return { rotation, uid: settings.metadata.uid };
            },
        });
        assert.match(
            await scene.failure(scene.preview(1)),
            /by the program "kubelogin", which is not on this machine's PATH[\s\S]*az aks install-cli[\s\S]*AAD_LOGIN_METHOD/,
        );
        kubelogin.use();
        const first = await scene.up(1);
        assert.match(scene.shown, /sign in by device code: it asks for a person[\s\S]*AAD_LOGIN_METHOD/);
        const second = await scene.up(2);
        const record = recordOf(second.outputs);
        assert.deepEqual(record.verified, [
            "provisioningState",
            "caChanged",
            "newCaAccepted",
            "newCredentialsAccepted",
            "oldCaRefused",
        ]);
        assert.equal(second.outputs.uid?.value, first.outputs.uid?.value);
        assert.equal(second.summary.resourceChanges?.replace, undefined);
        assert.equal(scene.rotations, 1);
        assert.match(
            await readFile(kubelogin.log, "utf8"),
            /^get-token --environment AzurePublicCloud --server-id 6dae42f8-/,
        );
    });

    it("that are private, with Microsoft Entra ID: format, serverFqdn and verifyThrough reach Azure", async () => {
        const apiServerAccessProfile = { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true };
        await using scene = await Scene.open({
            kind: { aadProfile: { managed: true }, apiServerAccessProfile },
            args: { format: "azure", serverFqdn: "public", verifyThrough: "runCommand" },
        });
        await scene.up(1);
        const { outputs } = await scene.up(2);
        const { outcome, verifiedThrough, verified, outage } = recordOf(outputs);
        assert.deepEqual([outcome, verifiedThrough, outage], ["rotated", "runCommand", null]);
        assert.deepEqual(verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
        const kubeconfig = String(outputs.kubeconfig?.value);
        assert.match(kubeconfig, /auth-provider:/);
        assert.match(kubeconfig, /server: https:\/\/localhost:/);
        assert.equal(scene.rotations, 1);
        const texts = [scene.log, await scene.files("state"), await scene.files("tmp")].join("\n");
        assert.deepEqual(
            scene.aks.issuedSecrets().filter((secret) => texts.includes(secret)),
            [],
        );
    });

    it("that are private, with a real API server: what a command in the cluster asks is answered as it is understood", async () => {
        await using fixture = await clusterFixture({
            backend: "control-plane",
            apiServerAccessProfile: { enablePrivateCluster: true },
        });
        const azure = fixture.azure();
        const signal = () => AbortSignal.timeout(60_000);
        const through = new ThroughCommand(azure, fixture.getToken);
        const before = await azure.credentials(signal());
        assert.equal((await azure.startRotation(signal())).answer, "accepted");
        await fixture.aks.control.waitUntilIdle(fixture.ref);
        const now = await azure.credentials(signal());
        const question = { rotated: true, now, before: { caCertificate: before.caCertificate, credentials: before } };
        const { verified, notVerified } = await through.verify(question, signal());
        assert.deepEqual(verified.slice(2), ["newCaAccepted", "oldCaRefused", "newCredentialsAccepted"]);
        assert.deepEqual(
            notVerified.map(({ check }) => check),
            ["oldClientCertificateRefused"],
        );
    });

    it("that the same program makes: all is unknown in the first preview, then adopted, then rotated", async () => {
        await using scene = await Scene.open({
            program: async (args) => {
                const group = new resources.ResourceGroup("made", {
                    resourceGroupName: "made",
                    location: "westeurope",
                });
                const cluster = new containerservice.ManagedCluster("green", {
                    resourceGroupName: group.name,
                    resourceName: "Green",
                    location: "westeurope",
                    dnsPrefix: "green",
                });
                const names = { resourceGroupName: group.name, clusterName: cluster.name };
                return withProvider({ ...args, ...names, clusterId: undefined });
            },
        });
        const { changeSummary } = await scene.preview(1);
        assert.equal(changeSummary.create, 7);
        const first = await scene.up(1);
        assert.equal(recordOf(first.outputs).outcome, "adopted");
        assert.match(String(first.outputs.clusterIdentifier?.value), /\/managedclusters\/green$/);
        const second = await scene.up(2);
        assert.equal(recordOf(second.outputs).outcome, "rotated");
        assert.equal(second.outputs.provider?.value, first.outputs.provider?.value);
        assert.equal(scene.control.cluster({ resourceGroup: "made", name: "green" }).rotations.started, 1);
    });

    it("that the same program makes, named in plain text: the first preview knows that it is not there yet", async () => {
        type Options = (cluster: pulumi.CustomResource, around: pulumi.ComponentResource) => pulumi.ResourceOptions;
        const inList: Options = (cluster) => ({ dependsOn: [Promise.resolve(cluster)] });
        const ways: Options[] = [
            (cluster) => ({ dependsOn: cluster }),
            (cluster) => ({ dependsOn: pulumi.output([cluster]) }),
            (_cluster, around) => ({ dependsOn: around }),
            (cluster) => ({ parent: cluster }),
            inList,
        ];
        let comesAfter: Options = () => ({});
        await using scene = await Scene.open({
            program: async (args) => {
                const around = new pulumi.ComponentResource("test:index:Around", "around");
                const arrangement = { resourceGroupName: "group", resourceName: "green", location: "westeurope" };
                const opts = { parent: around };
                const cluster = new containerservice.ManagedCluster("green", { ...arrangement, dnsPrefix: "g" }, opts);
                const { kubeconfig, clusterIdentifier, rotation } = new CertificateRotation(
                    "cluster",
                    { ...args, resourceGroupName: "group", clusterName: "green", clusterId: undefined },
                    comesAfter(cluster, around),
                );
                return { kubeconfig, clusterIdentifier, rotation };
            },
        });
        assert.match(
            await scene.failure(scene.preview(1)),
            /There is no cluster "green"[\s\S]*If this program makes it[^\n]*dependsOn: cluster/,
        );
        for (const way of ways) {
            comesAfter = way;
            scene.shown = "";
            assert.equal((await scene.preview(1)).changeSummary.create, 6, String(way));
            assert.doesNotMatch(scene.shown, /warning|error|not found|no cluster/i, String(way));
        }
        const first = await scene.up(1);
        assert.equal(recordOf(first.outputs).outcome, "adopted");
        const second = await scene.up(2);
        assert.equal(recordOf(second.outputs).outcome, "rotated");
        const green = { resourceGroup: "group", name: "green" };
        assert.equal(scene.control.cluster(green).rotations.started, 1);
        // A cluster that is gone is not one that is to be made.
        await scene.control.delete(green);
        assert.match(await scene.failure(scene.preview(2)), /There is no cluster "green"/);
    });

    it("named in another case, or by their id, are the same: nothing is rotated, and the provider stays", async () => {
        await using scene = await Scene.open({ program: withProvider });
        const first = await scene.up(1);
        const { args } = scene;
        const { resourceGroupName: _group, clusterName: _name, clusterId: _id, ...rest } = args;
        const id = String(first.outputs.clusterIdentifier?.value);
        for (const own of [
            { ...rest, resourceGroupName: "GROUP", clusterName: "Blue" },
            { ...rest, clusterId: id.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions") },
        ]) {
            scene.args = own;
            const { outputs, summary } = await scene.up(1);
            assert.equal(summary.resourceChanges?.replace, undefined);
            assert.equal(outputs.clusterIdentifier?.value, id);
            assert.equal(outputs.provider?.value, first.outputs.provider?.value);
        }
        assert.equal(recordOf((await scene.up(2)).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
        scene.args = { ...rest, clusterId: pulumi.output(id.replace("managedclusters/blue", "fleets/blue")) };
        assert.match(await scene.failure(scene.preview()), /is the id of an Azure Kubernetes Fleet Manager/);
    });
});
