import assert from "node:assert/strict";
import { LostRecordStack } from "../support/lost-record-stack";

/** Time for one test, in milliseconds: up to ten runs of the engine. */
const timeoutMs = 300_000;

describe("a stack that has lost its rotation record", function () {
    this.timeout(timeoutMs);

    it("rotates nothing and records nothing where the record is empty in the state", async () => {
        await using stack = await LostRecordStack.adopted();
        await stack.emptyStdout("rotation");
        const { output } = await stack.failingUp(2);
        assert.match(output, /rotation record .* is lost/);
        assert.match(output, /npx aks-certificate-rotation record restore --stack dev/);
        assert.equal(stack.rotations, 0);
    });

    for (const [how, recreate] of [
        ["--replace", async (stack) => `--replace '${await stack.urn("rotation")}'`],
        [
            "state taint",
            async (stack) => {
                await stack.cli.succeed(`pulumi state taint '${await stack.urn("rotation")}'`);
                return "";
            },
        ],
        [
            "state delete",
            async (stack) => {
                await stack.cli.succeed(`pulumi state delete '${await stack.urn("rotation")}'`);
                return "";
            },
        ],
    ] satisfies [string, (stack: LostRecordStack) => Promise<string>][]) {
        it(`rotates once where the Command is created anew in the up that raises: ${how}`, async () => {
            await using stack = await LostRecordStack.adopted();
            const { caAfter } = await stack.record();
            const record = await stack.up(2, await recreate(stack));
            assert.deepEqual([record.generation, record.outcome, stack.rotations], [2, "rotated", 1]);
            assert.deepEqual(record.caBefore, caAfter);
            // Later, with the rotation of the generation behind it.
            const again = await stack.up(2, `--replace '${await stack.urn("rotation")}'`);
            assert.deepEqual([again.generation, again.outcome, stack.rotations], [2, "found rotated", 1]);
            assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
        });
    }

    it("does not adopt a raise that reaches its Command alone: --target-replace", async () => {
        await using stack = await LostRecordStack.adopted();
        const { output } = await stack.failingUp(2, `--target-replace '${await stack.urn("rotation")}'`);
        assert.match(output, /Run pulumi up for the whole stack/);
        assert.equal(stack.rotations, 0);
        assert.deepEqual([(await stack.up(2)).outcome, stack.rotations], ["rotated", 1]);
    });

    it("rotates once where the component has a new parent, by the record in the cluster", async () => {
        await using stack = await LostRecordStack.adopted({ writeRecord: true });
        await stack.cli.succeed("pulumi config set parent other");
        const record = await stack.up(2);
        assert.deepEqual([record.generation, record.outcome, stack.rotations], [2, "rotated", 1]);
        // Later: the record in the cluster is taken over as it is.
        await stack.cli.succeed("pulumi config set parent third");
        assert.deepEqual(await stack.up(2), record);
        assert.equal(stack.rotations, 1);
        assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
    });
});
