import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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
        assert.equal(stack.rotations, 0);
        const command = /npx aks-certificate-rotation record restore (--stack dev --cluster-id \S+)/.exec(output)?.[1];
        assert.ok(command !== undefined, output);
        // By itself it only shows what it would write.
        await stack.restore(command);
        await stack.failingUp(2);
        await stack.restore(`${command} --yes`);
        const state = await readFile(stack.cli.stateFile(), "utf8");
        assert.ok(stack.aks.issuedSecrets().length > 0);
        assert.ok(!stack.aks.issuedSecrets().some((secret) => state.includes(secret)), "a secret is in clear");
        assert.deepEqual([(await stack.up(2)).outcome, stack.rotations], ["rotated", 1]);
        assert.deepEqual([(await stack.up(2)).outcome, stack.rotations], ["rotated", 1]);
    });

    it("names the command in the preview, and at a generation that is not raised; intent and record come back", async () => {
        await using stack = await LostRecordStack.adopted();
        const record = await stack.up(2);
        const fails = async (line: string) => {
            const { code, output } = await stack.cli.run(line);
            assert.notEqual(code, 0);
            assert.match(output, /npx aks-certificate-rotation record restore --stack dev/);
        };
        await stack.emptyStdout("rotation");
        await fails("pulumi preview");
        await fails("pulumi up");
        await stack.emptyStdout("intent");
        await fails("pulumi up");
        assert.match((await stack.restore("--stack dev --yes")).stderr, /its rotation record and its intent back/);
        assert.deepEqual(await stack.up(2), record);
        assert.equal(stack.rotations, 1);
        assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
    });

    it("is restored by hand, and never rotates again where the rotation of the generation has happened", async () => {
        await using stack = await LostRecordStack.adopted();
        await stack.up(2);
        await stack.emptyStdout("rotation");
        await stack.restore("--stack dev --generation 1 --yes");
        // Something else that makes the Command run.
        await stack.cli.succeed("pulumi config set timeout 30m");
        const found = await stack.up(2);
        assert.deepEqual([found.generation, found.outcome, stack.rotations], [2, "found rotated", 1]);
        assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
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

    it("rotates once where the intent is created anew in the up that raises", async () => {
        await using stack = await LostRecordStack.adopted();
        const record = await stack.up(2, `--replace '${await stack.urn("intent")}'`);
        assert.deepEqual([record.outcome, stack.rotations], ["rotated", 1]);
    });

    it("rotates nothing where the intent is created anew after a rotation that it could have been for", async () => {
        await using stack = await LostRecordStack.adopted();
        await stack.rotateElsewhere();
        const options = `--replace '${await stack.urn("intent")}'`;
        const { output } = await stack.failingUp(2, options);
        assert.match(output, /when generation 2 was first asked for is lost/);
        // A second run asks for nothing new.
        assert.match((await stack.failingUp(2)).output, /set rotationGeneration to 3/);
        assert.equal(stack.rotations, 1);
        assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
    });

    it("does not adopt a raise that reaches its Command alone: --target-replace", async () => {
        await using stack = await LostRecordStack.adopted();
        const { output } = await stack.failingUp(2, `--target-replace '${await stack.urn("rotation")}'`);
        assert.match(output, /Run pulumi up for the whole stack/);
        assert.equal(stack.rotations, 0);
        assert.deepEqual([(await stack.up(2)).outcome, stack.rotations], ["rotated", 1]);
    });

    it("rotates nothing where the component has a new parent and is raised at once; then one after the other, once", async () => {
        await using stack = await LostRecordStack.adopted({ writeRecord: true });
        await stack.cli.succeed("pulumi config set parent other");
        assert.match((await stack.failingUp(2)).output, /the component is new/);
        assert.equal(stack.rotations, 0);
        assert.equal((await stack.up(1)).generation, 1);
        const record = await stack.up(2);
        assert.deepEqual([record.generation, record.outcome, stack.rotations], [2, "rotated", 1]);
        // Later: the record in the cluster is taken over as it is.
        await stack.cli.succeed("pulumi config set parent third");
        assert.deepEqual(await stack.up(2), record);
        assert.equal(stack.rotations, 1);
        // The record in the cluster can be brought back into the stack.
        await stack.emptyStdout("rotation");
        await stack.restore("--stack dev --from-cluster --yes");
        assert.deepEqual(await stack.record(), record);
        assert.deepEqual([(await stack.up(3)).outcome, stack.rotations], ["rotated", 2]);
    });
});
