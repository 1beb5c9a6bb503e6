import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { local } from "@pulumi/command";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation, type CertificateRotationArgs, kubernetesProvider } from "../../components";
import { readObject } from "../../rehearsal/access";
import { downstreamOf } from "../../rehearsal/downstream";
import { shopUnder } from "../../rehearsal/shop";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";
import { accessToken, ask } from "../unit/local-aks-clients";

/** What a program has of its own, and what of the component, on the way from the one to the other. */
interface Step {
    /** The Commands that rotate and get credentials. */
    commands: boolean;
    component: boolean;
    /** One's own, the component's by `makeProvider`, or the one's own made by `kubernetesProvider` under its old name. */
    provider: "own" | "makeProvider" | "kubernetesProvider";
    /** Whether the provider keeps the kubeconfig that it has. */
    keep: boolean;
}

const byHand: Step = { commands: true, component: false, provider: "own", keep: false };

/** A stand-in for the az CLI: it tells what it was called for, and prints a kubeconfig that it was given. */
const az = `#!/bin/sh
echo "$*" >> az-calls
case "$*" in *get-credentials*) cat az-kubeconfig ;; esac
`;

/** A stack on its way, on a cluster with a real API server. */
class Move implements AsyncDisposable {
    private constructor(
        readonly scene: Scene,
        private readonly at: { step: Step },
    ) {}

    /** A stack as people write it by hand, up. */
    static async begin(): Promise<Move> {
        const at = { step: byHand };
        const scene = await Scene.open({
            backend: "control-plane",
            program: async (args) => program(at.step, args),
        });
        const move = new Move(scene, at);
        const { directory } = scene.project;
        await writeFile(join(directory, "az"), az, { mode: 0o755 });
        // As az merges it into a file: not letter by letter what Azure has given.
        await writeFile(join(directory, "az-kubeconfig"), `# az\n${await move.kubeconfig()}`, { mode: 0o600 });
        await scene.up(1);
        return move;
    }

    async preview(step: Step) {
        this.at.step = step;
        return (await this.scene.preview()).changeSummary;
    }

    async up(step: Step, generation?: number) {
        this.at.step = step;
        return (await this.scene.up(generation)).summary.resourceChanges;
    }

    /** What the cluster's objects are, by UID. */
    async objects() {
        const kubeconfig = await this.kubeconfig();
        return (await downstreamOf(this.scene.project.stack, (object) => readObject(kubeconfig, object))).map(
            ({ uid }) => uid,
        );
    }

    async azCalls(): Promise<string[]> {
        return (await readFile(join(this.scene.project.directory, "az-calls"), "utf8")).trim().split("\n");
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.scene[Symbol.asyncDispose]();
    }

    private kubeconfig(): Promise<string> {
        return kubeconfigOf(this.scene);
    }
}

async function kubeconfigOf({ aks, cluster }: Scene): Promise<string> {
    const token = await accessToken(aks);
    const path = `${cluster.id}/listClusterUserCredential?api-version=2026-04-01`;
    const { body = "" } = await ask(aks, "POST", path, { token });
    return Buffer.from(JSON.parse(body).kubeconfigs[0].value, "base64").toString("utf8");
}

class Cluster extends pulumi.ComponentResource {
    constructor() {
        super("example:index:Cluster", "mine");
    }
}

function program({ commands, component, provider, keep }: Step, args: CertificateRotationArgs) {
    const parent = new Cluster();
    const rotate = () => new local.Command("rotate", { create: "./az aks rotate-certs --yes", triggers: [1] });
    const credentials = commands
        ? new local.Command("credentials", {
              create: "./az aks get-credentials --file -",
              triggers: [rotate().stdout],
              logging: "stderr",
          })
        : undefined;
    const rotation = component ? new CertificateRotation("cluster", args) : undefined;
    const settings = { namespace: "default" };
    const ignoreChanges = keep ? ["kubeconfig"] : [];
    const providers = {
        own: () => new Provider("k8s", { ...settings, kubeconfig: credentials?.stdout }, { parent }),
        makeProvider: () => rotation?.makeProvider(settings, { aliases: [{ name: "k8s", parent }], ignoreChanges }),
        kubernetesProvider: () =>
            rotation &&
            kubernetesProvider("k8s", { ...settings, ...credentialsOf(rotation) }, { parent, ignoreChanges }),
    };
    const made = providers[provider]();
    assert.ok(made);
    shopUnder(made);
}

function credentialsOf({ kubeconfig, clusterIdentifier }: CertificateRotation) {
    return { kubeconfig, clusterIdentifier };
}

describe("moving from Commands and a provider of one's own", function () {
    this.timeout(engineTimeoutMs);

    it("step by step, replaces nothing, rotates nothing, and runs nothing when the Commands go", async () => {
        await using move = await Move.begin();
        const objects = await move.objects();
        assert.equal(objects.length, 4);

        const adopted: Step = { ...byHand, component: true };
        assert.deepEqual(await move.preview(adopted), { same: 9, create: 3 });
        assert.deepEqual(await move.up(adopted), { same: 9, create: 3 });

        const takenOver: Step = { ...adopted, provider: "makeProvider", keep: true };
        assert.deepEqual(await move.preview(takenOver), { same: 11, update: 1 });
        assert.deepEqual(await move.up(takenOver), { same: 11, update: 1 });

        const moved: Step = { ...takenOver, commands: false, keep: false };
        assert.deepEqual(await move.preview(moved), { same: 9, update: 1, delete: 2 });
        assert.deepEqual(await move.up(moved), { same: 9, update: 1, delete: 2 });
        assert.deepEqual(await move.azCalls(), ["aks rotate-certs --yes", "aks get-credentials --file -"]);
        assert.equal(move.scene.rotations, 0);

        assert.deepEqual(await move.up(moved, 2), { same: 7, update: 3 });
        assert.equal(move.scene.rotations, 1);
        assert.deepEqual(await move.objects(), objects);
    });

    it("after a rotation by hand, replaces nothing if the provider keeps its kubeconfig for one up", async () => {
        await using move = await Move.begin();
        const objects = await move.objects();
        await move.scene.control.rotateBySomebodyElse(move.scene.ref).finished;

        const atOnce: Step = { commands: true, component: true, provider: "kubernetesProvider", keep: false };
        // What the order that is wrong would do: the provider, and all that is under it.
        assert.equal((await move.preview(atOnce))?.replace, 5);

        assert.deepEqual(await move.up({ ...atOnce, keep: true }), { same: 8, create: 3, update: 1 });
        assert.deepEqual(await move.up(atOnce), { same: 11, update: 1 });
        assert.deepEqual(await move.objects(), objects);
        await move.scene.project.stack.refresh();
        assert.equal(move.scene.rotations, 1);
    });

    it("from the default provider, replaces nothing, even after a rotation by hand", async () => {
        let own = false;
        await using scene = await Scene.open({
            backend: "control-plane",
            program: async (args) => {
                const rotation = new CertificateRotation("cluster", args);
                const provider = own ? rotation.provider : undefined;
                return { uid: new ConfigMap("settings", { data: { currency: "EUR" } }, { provider }).metadata.uid };
            },
        });
        const { stack } = scene.project;
        await stack.setConfig("kubernetes:kubeconfig", { value: await kubeconfigOf(scene), secret: true });
        const { outputs } = await scene.up(1);
        await scene.control.rotateBySomebodyElse(scene.ref).finished;

        await stack.setConfig("kubernetes:clusterIdentifier", { value: scene.cluster.id.toLowerCase() });
        await scene.up();
        own = true;
        const moved = await scene.up();
        assert.deepEqual(moved.summary.resourceChanges, { same: 5, create: 1 });
        await stack.removeConfig("kubernetes:kubeconfig");
        await stack.removeConfig("kubernetes:clusterIdentifier");
        const rotated = await scene.up(2);
        assert.deepEqual(rotated.summary.resourceChanges, { same: 3, update: 3 });
        assert.deepEqual(rotated.outputs.uid?.value, outputs.uid?.value);
        await stack.refresh();
        assert.equal(scene.rotations, 2);
    });
});
