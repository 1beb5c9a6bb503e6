import assert from "node:assert/strict";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("what the environment of a pulumi up sets", function () {
    this.timeout(engineTimeoutMs);

    it("does not reach the rotator, be it of a runner, of an outer Command or for a debugger", async () => {
        await using scene = await Scene.open({
            environment: {
                AKS_ROTATION_PREFLIGHT: "off",
                AKS_ROTATION_FORMAT: "none",
                AKS_ROTATION_SERVER_FQDN: "none",
                AKS_ROTATION_VERIFY_THROUGH: "none",
                AKS_ROTATION_TIMEOUT_SECONDS: "none",
                AKS_ROTATION_INTENT: "none",
                PULUMI_COMMAND_STDOUT: "what another program printed",
                PULUMI_COMMAND_STDERR: "and complained of",
                NODE_DEBUG: "http,tls,net",
            },
        });
        await scene.up(1);
        assert.doesNotMatch(scene.log, /^\s*(HTTP|TLS|NET) \d+:/m);
        // A preflight that is off would let it pass.
        scene.control.denyActions(["Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action"]);
        assert.match(await scene.failure(scene.up(2)), /preflight/i);
        scene.control.denyActions([]);
        assert.equal(recordOf((await scene.up(2)).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
    });

    it("is named in the preview already where an up would refuse it, also without a preflight", async () => {
        await using scene = await Scene.open({
            environment: { PULUMI_SKIP_CHECKPOINTS: "true" },
            args: { preflight: "off" },
        });
        await scene.up(1);
        scene.shown = "";
        await scene.preview(2);
        assert.match(scene.shown, /blocks checkpoints: PULUMI_SKIP_CHECKPOINTS is "true"[^\n]*Unset it/);
        assert.doesNotMatch(scene.shown, /rights|clusterState/);
        assert.match(await scene.failure(scene.up(2)), /PULUMI_SKIP_CHECKPOINTS is "true"[\s\S]*Nothing was rotated/);
        assert.equal(scene.rotations, 0);
    });
});
