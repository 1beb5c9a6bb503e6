import assert from "node:assert/strict";
import { assertNoSecrets, withoutAnswers } from "../support/leaks";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("secrets", function () {
    this.timeout(engineTimeoutMs);

    it("are in clear neither in the state, nor in the log, nor in an error message", async () => {
        await using scene = await Scene.open();
        const { failure } = await rotateAndFail(scene);
        assertNoSecrets(scene, { state: await scene.files("state"), log: scene.log, failure });
    });

    it("are in the most verbose log only where Pulumi itself logs Azure's answer or its RPC", async () => {
        await using scene = await Scene.open();
        scene.verbose = true;
        const { failure } = await rotateAndFail(scene);
        assert.ok(scene.log.length > 200_000, "the log is verbose");
        assertNoSecrets(scene, { state: await scene.files("state"), log: withoutAnswers(scene.log), failure });
    });

    it("are found where they are", async () => {
        await using scene = await Scene.open();
        const { outputs } = await scene.up(1);
        assert.throws(() => assertNoSecrets(scene, { output: outputs.kubeconfig?.value }), /in the output, after: …/);
    });
});

async function rotateAndFail(scene: Scene): Promise<{ failure: string }> {
    await scene.up(1);
    await scene.up(2);
    scene.control.set(scene.ref, { rotationOutcomes: Array(3).fill({ status: "Failed" }) });
    const failure = await scene.failure(scene.up(3));
    assert.match(failure, /ended Failed 3 times/);
    return { failure };
}
