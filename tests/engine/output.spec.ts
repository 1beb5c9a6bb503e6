import assert from "node:assert/strict";
import { assertNoSecrets } from "../support/leaks";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** Limits of what a Command keeps: the next update gets both in its environment. */
const MAX_OUTPUT_BYTES = 16 * 1024;
const MAX_LINE_BYTES = 2 * 1024;

/** What the Commands of a scene's stack have printed, as the state has it: standard error is a secret there. */
async function outputsOf(scene: Scene): Promise<{ stdout: string; stderr: string }[]> {
    const { deployment } = await scene.project.stack.exportStack();
    const resources = deployment.resources as {
        type: string;
        outputs: { stdout: string; stderr: { plaintext: string } };
    }[];
    return resources
        .filter(({ type }) => type === "command:local:Command")
        .map(({ outputs: { stdout, stderr } }) => ({ stdout, stderr: JSON.parse(stderr.plaintext) }));
}

describe("what the rotator prints", function () {
    this.timeout(engineTimeoutMs);

    it("stays small and without secrets, whatever the environment switches on, so that the next update can start", async () => {
        await using scene = await Scene.open({
            environment: { AZURE_LOG_LEVEL: "verbose", DEBUG: "azure*" },
        });
        for (const generation of [1, 2]) {
            await scene.up(generation);
            assert.equal(scene.rotations, generation - 1);
            const outputs = await outputsOf(scene);
            assert.equal(outputs.length, 2);
            for (const { stdout, stderr } of outputs) {
                assert.ok(Buffer.byteLength(stdout) <= MAX_OUTPUT_BYTES, `${Buffer.byteLength(stdout)} bytes`);
                assert.ok(Buffer.byteLength(stderr) <= MAX_OUTPUT_BYTES, `${Buffer.byteLength(stderr)} bytes`);
                const longest = Math.max(...stderr.split("\n").map((line) => Buffer.byteLength(line)));
                assert.ok(longest <= MAX_LINE_BYTES, `a line of ${longest} bytes`);
                assert.doesNotMatch(stderr, /azure:|HTTP \d+:|TLS \d+:|NET \d+:/);
            }
        }
        assertNoSecrets(scene, { state: await scene.files("state"), log: scene.log });
    });

    it("has no line that the command plugin would stop at, and nothing that a pipeline acts on, whatever Azure says", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const message = `##vso[task.complete result=Succeeded]\u001b[2J${"No. ".repeat(20_000)}\n::add-mask::rotation`;
        scene.control.addFault({
            match: { kind: "rotateClusterCertificates" },
            action: { type: "answer", status: 400, code: "BadRequest", message },
        });
        const failure = await scene.failure(scene.up(2));
        assert.match(failure, /Azure answered 400 BadRequest: # #vso\[task\.complete result=Succeeded\]/);
        assert.doesNotMatch(`${failure}${scene.log}`, /##vso|^\s*::add-mask/m);
        await scene.up(2);
        assert.equal(scene.rotations, 1);
    });
});
