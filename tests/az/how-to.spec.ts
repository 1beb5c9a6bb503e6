import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import type { StatusReport } from "../../formats/status";
import { findOnPath } from "../../toolchain/executable";
import { AzScene } from "./scene";

/** With the Azure CLI's installation, where it is not in the cache yet. */
const installMinutes = 20;

describe("AKS's how-to, with the real Azure CLI", function () {
    this.timeout(installMinutes * 60_000);
    let scene: AzScene;
    let kubectl: string | undefined;
    const cluster = ["--resource-group", "group", "--name", "blue"];
    const getCredentials = ["aks", "get-credentials", ...cluster, "--file", "kubeconfig"];

    before(async () => {
        const platform = { os: process.platform, arch: process.arch };
        kubectl = await findOnPath("kubectl", { environment: process.env, platform });
        if (kubectl === undefined) {
            console.log("There is no kubectl on PATH: @kubernetes/client-node makes equal requests, and alone.");
        }
        scene = await AzScene.open();
    });
    after(() => scene?.[Symbol.asyncDispose]());

    /** The names of the namespaces, asked for with the kubeconfig as it is now. */
    async function namespaces(): Promise<(string | undefined)[]> {
        const config = new KubeConfig();
        config.loadFromString(await kubeconfig());
        const { items } = await config.makeApiClient(CoreV1Api).listNamespace();
        return items.map(({ metadata }) => metadata?.name);
    }

    function kubeconfig(): Promise<string> {
        return readFile(join(scene.folder, "kubeconfig"), "utf8");
    }

    /** What a kubeconfig says, whatever the order. */
    async function entries(name: string) {
        const {
            clusters,
            users,
            contexts,
            "current-context": current,
        } = parse(await readFile(join(scene.folder, name), "utf8"));
        const byName = (list: { name: string }[]) => new Map(list.map((entry) => [entry.name, entry]));
        return { current, clusters: byName(clusters), users: byName(users), contexts: byName(contexts) };
    }

    /** What az printed, when it was asked for JSON and succeeded. */
    async function answer(...args: string[]) {
        const { exitCode, stdout, stderr } = await scene.az(...args, "--output", "json");
        assert.equal(exitCode, 0, stderr);
        return JSON.parse(stdout);
    }

    async function succeeds(...args: string[]): Promise<string> {
        const { exitCode, stderr } = await scene.az(...args);
        assert.equal(exitCode, 0, stderr);
        return stderr;
    }

    it("cloud register and login, by the very lines that npm run local-aks prints", async () => {
        const { exitCode, stderr } = await scene.shell(...scene.signInLines);
        assert.equal(exitCode, 0, stderr);
        const { environmentName, id, user } = await answer("account", "show");
        assert.deepEqual(
            [environmentName, id, user],
            ["LocalAks", scene.aks.subscriptionId, { name: scene.aks.clientId, type: "servicePrincipal" }],
        );
    });

    it("login with a wrong secret is refused as Microsoft Entra ID refuses it", async () => {
        const { clientId } = scene.aks.control.addClient();
        const principal = ["--service-principal", "--username", clientId, "--tenant", scene.aks.tenantId];
        const { exitCode, stderr } = await scene.az("login", ...principal, "--password", "wrong");
        assert.equal(exitCode, 1);
        assert.match(stderr, /AADSTS7000215: Invalid client secret provided/);
        // A refused sign-in has left the one before in force.
        assert.equal((await answer("account", "show")).user.name, scene.aks.clientId);
    });

    it("aks show", async () => {
        const shown = await answer("aks", "show", ...cluster);
        const { id } = scene.aks.control.cluster(scene.ref);
        assert.deepEqual([shown.id, shown.name, shown.provisioningState], [id, "blue", "Succeeded"]);
    });

    it("aks show of a cluster that is not there", async () => {
        const { exitCode, stderr } = await scene.az("aks", "show", "--resource-group", "group", "--name", "green");
        assert.equal(exitCode, 3);
        assert.match(stderr, /\(ResourceNotFound\)/);
    });

    it("aks list, of the subscription and of a resource group", async () => {
        const names = (list: { name: string }[]) => list.map(({ name }) => name);
        assert.deepEqual(names(await answer("aks", "list")), ["blue"]);
        assert.deepEqual(names(await answer("aks", "list", "--resource-group", "group")), ["blue"]);
    });

    it("aks get-credentials, and a request with them", async () => {
        assert.match(await succeeds(...getCredentials), /Merged "blue" as current context/);
        assert.ok((await namespaces()).includes("kube-system"));
    });

    it("kubectl with them", async function () {
        if (kubectl === undefined) {
            this.skip();
        }
        const { exitCode, stdout, stderr } = await scene.kubectl("--kubeconfig", "kubeconfig", "get", "namespaces");
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout, /^kube-system +Active/m);
    });

    it("aks rotate-certs is refused while another operation runs", async () => {
        const { control } = scene.aks;
        control.beginOperation(scene.ref, "Upgrading", 600);
        const { exitCode, stderr } = await scene.az("aks", "rotate-certs", ...cluster, "--yes");
        await control.endOperation(scene.ref, "Succeeded");
        assert.equal(exitCode, 1);
        assert.match(stderr, /\(OperationNotAllowed\)/);
        assert.equal(control.cluster(scene.ref).rotations.started, 0);
    });

    it("aks rotate-certs waits for the rotation, and the CA is another one", async () => {
        const { caFingerprint } = scene.aks.control.cluster(scene.ref);
        await succeeds("aks", "rotate-certs", ...cluster, "--yes");
        const after = scene.aks.control.cluster(scene.ref);
        assert.deepEqual([after.rotations.started, after.rotations.finished], [1, 1]);
        assert.equal(after.provisioningState, "Succeeded");
        assert.notEqual(after.caFingerprint, caFingerprint);
    });

    it("the old kubeconfig's request fails, since the API server's certificate is of another CA", async () => {
        await assert.rejects(namespaces(), ({ cause }: Error) => {
            const codes = ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_SIGNATURE_FAILURE"];
            assert.ok(codes.includes((cause as NodeJS.ErrnoException).code ?? ""), String(cause));
            return true;
        });
    });

    it("kubectl with the old kubeconfig fails with the how-to's x509 error", async function () {
        if (kubectl === undefined) {
            this.skip();
        }
        const { exitCode, stderr } = await scene.kubectl("--kubeconfig", "kubeconfig", "get", "namespaces");
        assert.equal(exitCode, 1);
        assert.match(stderr, /^Unable to connect to the server: .*x509: certificate signed by unknown authority/m);
    });

    it("aks get-credentials alone does not replace what is in the kubeconfig", async () => {
        const before = await kubeconfig();
        const { exitCode, stderr } = await scene.az(...getCredentials);
        assert.equal(exitCode, 1);
        assert.match(stderr, /A different object named blue already exists/);
        assert.equal(await kubeconfig(), before);
    });

    it("aks get-credentials --overwrite-existing does, and a request succeeds again", async () => {
        await succeeds(...getCredentials, "--overwrite-existing");
        assert.ok((await namespaces()).includes("kube-system"));
    });

    it("kubectl with the new kubeconfig", async function () {
        if (kubectl === undefined) {
            this.skip();
        }
        const { exitCode, stdout, stderr } = await scene.kubectl("--kubeconfig", "kubeconfig", "get", "namespaces");
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout, /^kube-system +Active/m);
    });

    it("aks get-credentials --admin gives the context a name of its own, beside the user's", async () => {
        assert.match(await succeeds(...getCredentials, "--admin"), /Merged "blue-admin" as current context/);
        const config = new KubeConfig();
        config.loadFromString(await kubeconfig());
        assert.deepEqual(
            config.getContexts().map(({ name, user }) => [name, user]),
            [
                ["blue", "clusterUser_group_blue"],
                ["blue-admin", "clusterAdmin_group_blue"],
            ],
        );
        assert.ok((await namespaces()).includes("kube-system"));
    });

    it("this package's status is signed in by az's login, to az's subscription", async () => {
        const { exitCode, stdout, stderr } = await scene.command("status", "--output", "json");
        assert.equal(exitCode, 0, stderr);
        const { clusters }: StatusReport = JSON.parse(stdout);
        assert.deepEqual(
            clusters.map(({ clusterId, certificates }) => [clusterId, certificates.length]),
            [[scene.aks.control.cluster(scene.ref).id.toLowerCase(), 3]],
        );
    });

    it("this package's get-credentials writes what az's does, --admin and --context too", async () => {
        for (const own of [[], ["--admin"], ["--context", "eu"], ["--context", "eu", "--admin"]]) {
            const args = [...cluster, "--overwrite-existing", ...own];
            await succeeds("aks", "get-credentials", ...args, "--file", "by-az");
            const { exitCode, stderr } = await scene.command("get-credentials", ...args, "--file", "by-us");
            assert.equal(exitCode, 0, stderr);
            const [byAz, byUs] = await Promise.all(["by-az", "by-us"].map(entries));
            assert.deepEqual(byUs, byAz, own.join(" "));
        }
    });
});
