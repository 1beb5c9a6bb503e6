import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { StatusReport } from "../../formats/status";
import program from "../../index";
import { readObject } from "../../rehearsal/access";
import { startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { openProject } from "../../rehearsal/project";
import { commandLine } from "../support/command-line";
import { standing } from "../support/standing";
import { engine, engineTimeoutMs } from "../support/tools";
import { untilBegun } from "../support/until-begun";

describe("the program", function () {
    this.timeout(engineTimeoutMs);

    it("rotates the clusters of its config, each by its own generation, and writes the records into them", async () => {
        await using tidy = new AsyncDisposableStack();
        const aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        tidy.defer(() => aks.close());
        await aks.addCluster({ resourceGroup: "group", name: "blue", backend: "control-plane" });
        await aks.addCluster({ resourceGroup: "group", name: "green", backend: "light" });
        const project = await openProject({
            ...(await engine()),
            name: "aks-certificate-rotation",
            environment: aks.environment,
            program,
        });
        tidy.defer(() => project.close());
        const { stack } = project;
        const clusters = (blue: number) =>
            JSON.stringify([
                { clusterName: "blue", rotationGeneration: blue },
                { clusterName: "green", rotationGeneration: 1, writeRecord: false },
            ]);
        await stack.setAllConfig({ resourceGroupName: { value: "group" }, clusters: { value: clusters(1) } });
        await untilBegun(
            () => stack.up(),
            () => standing(project),
        );
        await stack.setConfig("clusters", { value: clusters(2) });
        const { outputs, summary } = await untilBegun(
            () => stack.up(),
            () => standing(project),
        );

        const { blue, green } = outputs.clusters?.value ?? {};
        assert.equal(blue.rotation.outcome, "rotated");
        assert.equal(green.rotation.outcome, "adopted");
        // Blue's two Commands, its provider, and the ConfigMap, which is updated and not replaced.
        assert.equal(summary.resourceChanges?.update, 4);
        assert.deepEqual(Object.keys(summary.resourceChanges ?? {}).sort(), ["same", "update"]);
        const object: V1ConfigMap = await readObject(blue.kubeconfig, {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "aks-certificate-rotation", namespace: "default" },
        });
        assert.deepEqual(JSON.parse(object.data?.["record.json"] ?? ""), blue.rotation);

        // What the command line makes of the stack, and of the cluster alone: the same record, read in two places.
        const env = {
            ...project.stack.workspace.envVars,
            PATH: [join(project.directory, "engine", "bin"), process.env.PATH].join(delimiter),
        };
        const status = async (args: string[]) => {
            const { out, err } = await commandLine(aks, ["status", "-o", "json", ...args], { env });
            assert.notEqual(out, "", err);
            return StatusReport.parse(JSON.parse(out));
        };
        const ofStack = await status(["--stack", "dev", "--cwd", project.directory]);
        assert.deepEqual(
            ofStack.clusters.map(({ name, state, rotation, kubeconfig }) => [
                name,
                state,
                rotation?.generation,
                rotation?.source,
                kubeconfig?.state,
            ]),
            [
                ["blue", "ok", 2, "stack", "current"],
                ["green", "ok", 1, "stack", "current"],
            ],
        );
        const [ofCluster] = (await status(["-g", "group", "-n", "blue"])).clusters;
        assert.deepEqual(ofCluster?.rotation, { ...ofStack.clusters[0]?.rotation, source: "ConfigMap" });
    });

    it("refuses a config that is not complete, with the commands that make it so", async () => {
        await using project = await openProject({
            ...(await engine()),
            name: "aks-certificate-rotation",
            environment: {},
            program,
        });
        await project.stack.setConfig("clusterName", { value: "blue" });
        await assert.rejects(
            project.stack.preview(),
            /pulumi config set resourceGroupName[\s\S]*pulumi config set rotationGeneration 1/,
        );
    });
});
