import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { openProject } from "../../rehearsal/project";
import { engine, engineTimeoutMs } from "../support/tools";

const root = join(__dirname, "..", "..");

/** The component as a program sees it whose component is made elsewhere. */
class Remote extends pulumi.ComponentResource {
    declare readonly rotation: pulumi.Output<{ outcome: string }>;

    constructor(name: string, args: pulumi.Inputs) {
        super("aks-certificate-rotation:index:CertificateRotation", name, { ...args, rotation: undefined }, {}, true);
    }
}

describe("a component that a plugin makes", function () {
    this.timeout(engineTimeoutMs);

    it("announces what an up will do, in a preview and in the up", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        await using tidy = new AsyncDisposableStack();
        const folder = await mkdtemp(join(tmpdir(), "remote-component-"));
        tidy.defer(() => rm(folder, { recursive: true, force: true }));
        const launch = ["--require", join(root, "node_modules", "ts-node", "register", "transpile-only")];
        const command = [process.execPath, ...launch, join(root, "tests", "support", "remote-component.ts")];
        await writeFile(
            join(folder, "pulumi-resource-aks-certificate-rotation"),
            `#!/bin/sh\nTS_NODE_PROJECT="${join(root, "tsconfig.json")}" exec ${command.map((word) => `"${word}"`).join(" ")} "$@"\n`,
            { mode: 0o755 },
        );
        const aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        tidy.defer(() => aks.close());
        await aks.addCluster({ resourceGroup: "group", name: "blue", backend: "light" });
        let rotationGeneration = 1;
        const { pulumi: tool, plugins } = await engine();
        const plugin = { name: "aks-certificate-rotation" as never, version: "0.0.1", official: false, folder };
        const project = await openProject({
            pulumi: tool,
            plugins: [...plugins, plugin],
            environment: aks.environment,
            program: async () => {
                const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration };
                return { rotation: new Remote("cluster", args).rotation };
            },
        });
        tidy.defer(() => project.close());

        const announced = (shown: string) => shown.split("\n").filter((line) => /^ *Generation \d/.test(line));
        await project.stack.up();
        rotationGeneration = 2;
        const rotates = "    Generation 1 → 2: this up rotates group/blue; up to 30 minutes.";
        assert.deepEqual(announced((await project.stack.preview()).stdout), [rotates]);
        const { stdout, outputs } = await project.stack.up();
        assert.deepEqual(announced(stdout), [rotates]);
        assert.equal(outputs.rotation?.value.outcome, "rotated");
        assert.equal(aks.control.cluster({ resourceGroup: "group", name: "blue" }).rotations.started, 1);
    });
});
