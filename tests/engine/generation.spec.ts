import assert from "node:assert/strict";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("a generation", function () {
    this.timeout(engineTimeoutMs);

    it("is adopted at whatever number the first up finds", async () => {
        await using scene = await Scene.open();
        const { outputs } = await scene.up(7);
        const record = recordOf(outputs);
        assert.equal(scene.rotations, 0);
        assert.equal(record.outcome, "adopted");
        assert.equal(record.generation, 7);
        assert.deepEqual(record.verified, ["newCaAccepted", "newCredentialsAccepted"]);
        assert.equal(outputs.kubeconfig?.secret, true);
    });

    it("that is raised, by one or by more, is one rotation, verified and recorded", async () => {
        await using scene = await Scene.open();
        const adopted = await scene.up(1);
        assert.match(scene.log, /Adopted as it is at generation 1, nothing is rotated; verified/);
        const { outputs } = await scene.up(5);
        assert.match(scene.log, /Rotated and verified\./);
        const record = recordOf(outputs);
        assert.equal(scene.rotations, 1);
        assert.equal(record.outcome, "rotated");
        assert.equal(record.generation, 5);
        assert.deepEqual(record.verified, [
            "provisioningState",
            "caChanged",
            "newCaAccepted",
            "newCredentialsAccepted",
            "oldCaRefused",
            "oldClientCertificateRefused",
        ]);
        assert.deepEqual(record.notVerified, []);
        assert.deepEqual(record.caBefore, adopted.outputs.caFingerprints?.value);
        assert.deepEqual(record.caAfter, outputs.caFingerprints?.value);
        assert.notDeepEqual(record.caBefore, record.caAfter);
        assert.ok(record.outage !== null && record.durationSeconds !== null && record.durationSeconds >= 1);
    });

    it("that is lowered, and raised again to the mark, rotates nothing and says so", async () => {
        await using scene = await Scene.open();
        await scene.up(3);
        const first = recordOf((await scene.up(4)).outputs);
        scene.log = "";
        const lowered = await scene.up(2);
        assert.match(scene.log, /rotationGeneration is 2, but this cluster has had 4 already: nothing is rotated/);
        assert.deepEqual(recordOf(lowered.outputs), first);
        assert.deepEqual(recordOf((await scene.up(4)).outputs), first);
        assert.equal(scene.rotations, 1);
    });

    it("that stays rotates nothing, whatever else changes", async () => {
        await using scene = await Scene.open();
        const before = recordOf((await scene.up(2)).outputs);
        scene.args = { ...scene.args, timeout: "5m", settleTimeout: "1m", verify: "bestEffort", credentials: "admin" };
        const { outputs } = await scene.up();
        assert.deepEqual(recordOf(outputs), before);
        await scene.project.stack.refresh();
        assert.equal(scene.rotations, 0);
    });

    it("changes nothing the second time", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.up(2);
        const { summary } = await scene.up();
        assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
        assert.equal(scene.rotations, 1);
    });

    it("is only previewed by a preview, with today's credentials", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.clearRequests();
        const { changeSummary } = await scene.preview(2);
        assert.deepEqual(changeSummary, { same: 2, update: 2 });
        assert.equal(scene.rotations, 0);
        const asked = scene.control.requests(scene.ref).map(({ kind }) => kind);
        // The preflight of the preview: it only reads.
        const readings = ["apiServer", "apiServerConnection", "getCluster", "listClusterUserCredential", "permissions"];
        assert.deepEqual([...new Set(asked)].sort(), readings);
    });

    it("heals a rotation by somebody else, without another one", async () => {
        await using scene = await Scene.open();
        const before = await scene.up(1);
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        const { outputs } = await scene.up();
        assert.notDeepEqual(outputs.caFingerprints?.value, before.outputs.caFingerprints?.value);
        assert.equal(outputs.certificates?.value.apiServer, null);
        assert.equal(scene.cluster.rotations.started, 1);
        assert.equal(scene.cluster.rotations.startedBySomebodyElse, 1);
    });

    it("adopts a cluster that was deleted and created again under the same name", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.control.recreate(scene.ref);
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(record.outcome, "adopted");
        assert.equal(record.generation, 2);
        assert.equal(scene.rotations, 0);
        assert.equal(recordOf((await scene.up(3)).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
    });

    it("leaves the cluster alone when the stack is destroyed", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const { resourceUID, caFingerprint } = scene.cluster;
        await scene.project.stack.destroy();
        assert.equal(scene.cluster.resourceUID, resourceUID);
        assert.equal(scene.cluster.caFingerprint, caFingerprint);
        assert.equal(scene.cluster.provisioningState, "Succeeded");
        assert.equal(scene.rotations, 0);
    });
});
