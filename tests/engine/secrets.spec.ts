import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { UpOptions } from "@pulumi/pulumi/automation";
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

    it("are in clear in no log that is less verbose than the README says, those among the arguments neither", async () => {
        const readme = readFileSync(join(__dirname, "..", "..", "README.md"), "utf8");
        const least = Number(/from `-v=(\d)` on, Pulumi itself logs Azure's answers/.exec(readme)?.[1]);
        await using scene = await Scene.open({
            args: ({ tenantId, environment, clientId }) => ({
                azure: { clientId, tenantId, clientSecret: environment.ARM_CLIENT_SECRET ?? "" },
            }),
            environment: { ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "", ARM_TENANT_ID: "" },
        });
        const logOf = async (options: Pick<UpOptions, "logVerbosity" | "debug">) => {
            let log = "";
            const hear = (text: string) => {
                log += text;
            };
            await scene.project.stack.up({ ...options, logToStdErr: true, onOutput: hear, onError: hear });
            return log;
        };
        const quiet = await logOf({ logVerbosity: least - 1 });
        assert.match(quiet, /^\{"time":/m, "there is a log");
        assertNoSecrets(scene, { quiet });
        for (const told of [await logOf({ logVerbosity: least }), await logOf({ debug: true })]) {
            assert.throws(() => assertNoSecrets(scene, { told }), /in the told/);
            assert.ok(told.includes(scene.aks.environment.ARM_CLIENT_SECRET ?? "none"));
        }
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
    scene.control.set(scene.ref, {
        rotationOutcomes: [{ status: "Failed", code: "QuotaExceeded", message: "no cores are left" }],
    });
    const failure = await scene.failure(scene.up(3));
    assert.match(failure, /ended Failed for a cause that does not go away by itself/);
    return { failure };
}
