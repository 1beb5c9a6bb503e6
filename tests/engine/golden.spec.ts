import assert from "node:assert/strict";
import { importRecordedState, recordedGeneration, recordedProgram } from "../support/recorded-state";
import { recordOf, Scene } from "../support/scene";
import { readState } from "../support/state-file";
import { engineTimeoutMs } from "../support/tools";

describe("a stack as users have it", function () {
    this.timeout(engineTimeoutMs);

    it("previews without a change, keeps its intent and its record, and rotates once when it is raised", async () => {
        await using scene = await Scene.open({ program: recordedProgram });
        await importRecordedState(scene, "golden");
        const texts = async () =>
            (await readState(scene.project)).resources
                .filter(({ type }) => type === "command:local:Command")
                .map(({ urn, outputs }) => [urn, outputs?.stdout]);
        const before = await texts();
        assert.equal(before.length, 2);
        const { changeSummary } = await scene.preview(recordedGeneration);
        assert.deepEqual(Object.keys(changeSummary), ["same"], scene.shown);
        const { summary } = await scene.up(recordedGeneration);
        assert.deepEqual(Object.keys(summary.resourceChanges ?? {}), ["same"]);
        assert.deepEqual(await texts(), before);
        assert.equal(scene.rotations, 0);
        const { outputs } = await scene.up(recordedGeneration + 1);
        assert.deepEqual([recordOf(outputs).outcome, scene.rotations], ["rotated", 1]);
    });
});
