import assert from "node:assert/strict";
import * as core from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from "../../components";
import { readObject, tryAccess } from "../../rehearsal/access";
import { downstreamOf } from "../../rehearsal/downstream";
import { shop } from "../../rehearsal/shop";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("downstream, on a real API server", function () {
    this.timeout(engineTimeoutMs);

    it("is diffed exactly while a rotation is pending, and moves to the new certificates in place", async () => {
        await using scene = await Scene.open({ backend: "control-plane", program: async (args) => shop(args) });
        const saved = String((await scene.up(1)).outputs.kubeconfig?.value);
        const before = await downstreamOf(scene.project.stack, (object) => readObject(saved, object));
        assert.equal(before.length, 4);

        scene.log = "";
        const { changeSummary } = await scene.preview(2);
        // Both Commands, and nothing else: neither the provider, nor what is under it.
        assert.deepEqual(changeSummary, { same: 7, update: 2 });
        assert.doesNotMatch(scene.log, /not known during preview/);
        assert.equal(scene.rotations, 0);

        const { outputs, summary } = await scene.up(2);
        assert.deepEqual(summary.resourceChanges, { same: 6, update: 3 });
        assert.equal(recordOf(outputs).outcome, "rotated");
        const current = String(outputs.kubeconfig?.value);
        assert.match((await tryAccess(saved)).error ?? "", /x509: certificate signed by unknown authority/);
        assert.deepEqual(await tryAccess(current), { accepted: true });
        assert.deepEqual(await downstreamOf(scene.project.stack, (object) => readObject(current, object)), before);
        assert.equal(scene.rotations, 1);
    });

    it("is healed in place after a rotation by somebody else", async () => {
        await using scene = await Scene.open({ backend: "control-plane", program: async (args) => shop(args) });
        await scene.up(1);
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        const { summary } = await scene.up();
        assert.deepEqual(summary.resourceChanges, { same: 8, update: 1 });
        await scene.project.stack.refresh();
        assert.equal(scene.rotations, 1);
    });

    it("comes along when a provider of the user is taken over by alias, and is replaced neither then nor by a rotation", async () => {
        let takeOver = false;
        await using scene = await Scene.open({
            backend: "control-plane",
            program: async (args) => {
                const rotation = new CertificateRotation("cluster", args);
                const provider = takeOver
                    ? rotation.makeProvider(
                          { namespace: "default" },
                          { aliases: [{ name: "mine", parent: pulumi.rootStackResource }] },
                      )
                    : new Provider("mine", { namespace: "default", kubeconfig: rotation.kubeconfig });
                const settings = new core.ConfigMap("settings", { data: { currency: "EUR" } }, { provider });
                return { uid: settings.metadata.uid, kubeconfig: rotation.kubeconfig };
            },
        });
        const first = await scene.up(1);
        takeOver = true;
        const taken = await scene.up();
        assert.deepEqual(taken.summary.resourceChanges, { same: 5, update: 1 });
        const rotated = await scene.up(2);
        assert.deepEqual(rotated.summary.resourceChanges, { same: 3, update: 3 });
        const now = await downstreamOf(scene.project.stack, (object) =>
            readObject(String(rotated.outputs.kubeconfig?.value), object),
        );
        assert.deepEqual(
            now.map(({ uid }) => uid),
            [first.outputs.uid?.value],
        );
    });
});
