import assert from "node:assert/strict";
import { importRecordedState, recordedGeneration, recordedProgram } from "../support/recorded-state";
import { recordOf, Scene } from "../support/scene";
import { readState } from "../support/state-file";
import { engineTimeoutMs } from "../support/tools";

describe("a stack that 0.1.0 has made", function () {
    this.timeout(engineTimeoutMs);

    for (const [what, generation, rotations] of [
        ["same", recordedGeneration, 0],
        ["a raised", recordedGeneration + 1, 1],
        ["a lowered", recordedGeneration - 1, 0],
    ] as const) {
        it(`is taken over at ${what} generation: ${rotations} rotations, and the next up changes nothing`, async () => {
            await using scene = await Scene.open({ program: recordedProgram });
            await importRecordedState(scene, "state-0.1.0");
            const { outputs, summary } = await scene.up(generation);
            assert.equal(scene.rotations, rotations);
            assert.equal(recordOf(outputs).generation, Math.max(generation, recordedGeneration));
            assert.equal(recordOf(outputs).outcome, "rotated");
            // The Commands, whose inputs are others now, once; and after a rotation what has moved to the new certificates.
            assert.deepEqual(Object.keys(summary.resourceChanges ?? {}).sort(), ["same", "update"]);
            assert.equal(summary.resourceChanges?.update, rotations === 0 ? 2 : 3);
            const { summary: next } = await scene.up();
            assert.deepEqual(Object.keys(next.resourceChanges ?? {}), ["same"]);
            assert.equal(scene.rotations, rotations);
        });
    }

    it("has its Commands' stderr as a secret from then on, and the record readable", async () => {
        await using scene = await Scene.open({ program: recordedProgram });
        await importRecordedState(scene, "state-0.1.0");
        const { outputs } = await scene.up(recordedGeneration);
        assert.equal(outputs.rotation?.secret, false);
        const commands = (await readState(scene.project)).resources.filter(({ type }) => /Command/.test(type));
        assert.equal(commands.length, 2);
        for (const { outputs } of commands) {
            assert.equal(typeof outputs?.stdout, "string");
            assert.match(JSON.stringify(outputs?.stderr), /"ciphertext"/);
        }
    });
});
