import assert from "node:assert/strict";
import { FlagStack } from "../support/flag-stack";
import { FLAG_TIMEOUT_MS } from "../support/flag-trial";
import { readStateFile } from "../support/state-file";

describe("destroy, of objects in a real API server", function () {
    this.timeout(2 * FLAG_TIMEOUT_MS);

    it("fails with x509 after a rotation by someone else, keeps what is there, and goes through with --run-program", async () => {
        await using stack = await FlagStack.open("control-plane");
        await stack.bring("after a rotation by someone else");

        const plain = await stack.run("pulumi destroy --skip-preview");
        assert.notEqual(plain.code, 0, plain.output);
        assert.match(plain.output, /x509: certificate signed by unknown authority/);
        await stack.succeed("pulumi up");
        assert.equal((await stack.state()).generation, 1);

        await stack.bring("after a rotation by someone else");
        await stack.succeed("pulumi destroy --run-program");
        const { resources = [] } = await readStateFile(stack.project.stateFile());
        assert.deepEqual(resources, []);
        assert.equal(stack.cluster.rotations.started, 2);
        assert.equal(stack.cluster.rotations.startedBySomebodyElse, 2);
    });
});
