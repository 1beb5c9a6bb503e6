import assert from "node:assert/strict";
import { cp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { CliProject } from "../support/pulumi-cli";
import { engineTimeoutMs } from "../support/tools";

const root = join(__dirname, "..", "..");

/** A stack of this checkout's program, whose config is written as a user would write it. */
class ConfiguredStack implements AsyncDisposable {
    private constructor(
        private readonly project: CliProject,
        private readonly settings: string,
    ) {}

    /** @param name of the project. @default that of Pulumi.yaml */
    static async open(aks: LocalAks, name?: string): Promise<ConfiguredStack> {
        const project = await CliProject.open({
            // tsc checks the program's types.
            environment: { ...aks.environment, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
            scaffold: false,
        });
        try {
            const configs = (await readdir(root)).filter((name) => /^tsconfig.*\.json$/.test(name));
            for (const file of ["index.ts", "package.json", ...configs]) {
                await cp(join(root, file), join(project.folder, file));
            }
            for (const folder of ["components", "formats", "azure", "dist", "node_modules"]) {
                await symlink(join(root, folder), join(project.folder, folder), "junction");
            }
            const yaml = await readFile(join(root, "Pulumi.yaml"), "utf8");
            const own = yaml.replace(/^stackConfigDir:.*\n/m, "");
            await writeFile(
                join(project.folder, "Pulumi.yaml"),
                name ? own.replace(/^name: .*/, `name: ${name}`) : own,
            );
            await project.succeed("pulumi stack init dev");
            const settings = await readFile(join(project.folder, "Pulumi.dev.yaml"), "utf8").catch(() => "");
            return new ConfiguredStack(project, settings);
        } catch (error) {
            await project[Symbol.asyncDispose]();
            throw error;
        }
    }

    /** Previews with a config, in YAML; each key at its top level has the namespace of the program. */
    async preview(config: string, ...commands: string[]) {
        const named = config
            .trim()
            .split("\n")
            .map((line) => `  ${line.replace(/^(\w+:)/, "aks-certificate-rotation:$1")}`);
        const file = join(this.project.folder, "Pulumi.dev.yaml");
        await writeFile(file, `${this.settings}config:\n${named.join("\n")}\n`);
        for (const command of commands) {
            await this.project.succeed(command);
        }
        const { code, output } = await this.project.run("pulumi preview --color never");
        const diagnostics = output.split(/^Diagnostics:$/m)[1]?.split(/^Resources:$/m)[0] ?? "";
        const ofStack = /^ {2}pulumi:pulumi:Stack \(.*\):\n((?: {4}.*\n)*)/m.exec(diagnostics)?.[1] ?? "";
        const lines = ofStack.split("\n").filter((line) => line !== "" && !line.includes("from $PATH at"));
        return { code, output, said: lines.map((line) => line.trim()) };
    }

    [Symbol.asyncDispose](): Promise<void> {
        return this.project[Symbol.asyncDispose]();
    }
}

describe("the stack's config, by the pulumi command line", function () {
    this.timeout(engineTimeoutMs);
    let aks: LocalAks;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        await aks.addCluster({ resourceGroup: "group", name: "blue", backend: "light" });
    });
    after(() => aks?.close());

    const first = "error: The stack's config is not complete or not right:";

    it("is refused with all that is wrong, in the words of its keys, and nothing else", async () => {
        await using stack = await ConfiguredStack.open(aks);
        const { code, said, output } = await stack.preview(
            "resourceGroupName: group\nclusterName: ''\nrotationGeneration: 9007199254740993\nverify: nope\ntimout: 5m\nformat:",
            "pulumi config set --secret serverAplicationId hunter2-hunter2",
        );
        assert.notEqual(code, 0);
        assert.deepEqual(said, [
            first,
            "serverAplicationId: there is no such key. Did you mean serverApplicationId? (pulumi config rm serverAplicationId)",
            "timout: there is no such key. Did you mean timeout? (pulumi config rm timout)",
            'clusterName is "", but must be a name.',
            'rotationGeneration is "9007199254740993", but must be at most 9007199254740991.',
            'format is "", but must be one of exec, azure.',
            'verify is "nope", but must be one of required, bestEffort, off.',
        ]);
        assert.ok(!output.includes("hunter2"));

        const list = await stack.preview(`
clusterId: /subscriptions/s/resourceGroups/group/providers/Microsoft.ContainerService/managedClusters/blue
rotationGeneration: 1
clusters:
  - resourceGroupName: group
    clusterName: 2024
    rotationGeneration: '2'
    timeout: 90
    verify: off
  - resourceGroupName: group
    clusterName: ''
    rotationGenration: 2
    format:
`);
        assert.deepEqual(list.said, [
            first,
            "clusterId: at the top level it names one cluster, beside those of the list. Give it to one of the list: pulumi config rm clusterId",
            'clusters[0].timeout is "90", but must be a duration such as "60m", "1h30m" or "45s".',
            "clusters[1].rotationGenration: there is no such key. Did you mean rotationGeneration?",
            'clusters[1].clusterName is "", but must be a name.',
            'clusters[1].format is "", but must be one of exec, azure.',
        ]);
    });

    it("names a cluster that is not there in the words of its keys alone", async () => {
        await using stack = await ConfiguredStack.open(aks);
        const { said, output } = await stack.preview(
            "resourceGroupName: group\nclusterName: red\nrotationGeneration: 1",
        );
        assert.doesNotMatch(output, /preflight finds|error serializing/);
        assert.deepEqual(said, [
            'error: red: There is no cluster "red" in resource group "group" (Azure: ResourceNotFound). Check clusterName. ' +
                "(A cluster that Azure Arc has connected, or a fleet's hub, is no AKS cluster.)",
            "If this program makes it, the component must come after it: give it `dependsOn: cluster`.",
        ]);
    });

    it("is taken with quoted numbers in a list, and beside the keys of other namespaces", async () => {
        await using stack = await ConfiguredStack.open(aks);
        const { code, output } = await stack.preview(
            "resourceGroupName: group\nclusters:\n  - clusterName: blue\n    rotationGeneration: '2'\n    writeRecord: 'false'",
            "pulumi config set other:timout 5m",
            "pulumi config set azure-native:location westeurope",
            "pulumi config set --path pulumi:tags.team platform",
        );
        assert.equal(code, 0, output);
        assert.match(output, /\+ 4 to create/);
    });

    it("of a project that was renamed is not there, and nothing of the old name is called unknown", async () => {
        await using stack = await ConfiguredStack.open(aks, "renamed");
        const config = "resourceGroupName: group\nclusterName: blue\nrotationGeneration: 1";
        const { said } = await stack.preview(config);
        assert.deepEqual(said, [
            first,
            "resourceGroupName is missing: pulumi config set resourceGroupName <resourceGroupName>",
            "clusterName is missing: pulumi config set clusterName <clusterName>",
            "rotationGeneration is missing: pulumi config set rotationGeneration 1",
        ]);
        const moved = config.split("\n").map((line) => `pulumi config set ${line.replace(":", "")}`);
        const { code, output } = await stack.preview(config, ...moved, "pulumi config set writeRecord false");
        assert.equal(code, 0, output);
    });
});
