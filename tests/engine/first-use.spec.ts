import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { copyCheckout, installPacked, pack } from "../support/checkout-copy";
import { type RaisedCounts, readFirstUse } from "../support/first-use";
import { changesOf } from "../support/flag-stack";
import { CliProject } from "../support/pulumi-cli";
import { readStateFile } from "../support/state-file";

/** Time that one run through the first use may take, in milliseconds: ten runs of the engine, each with a compiler. */
const timeoutMs = 600_000;

const { commands, program, resourceGroup, clusterName, raised } = readFirstUse();
const cluster = { resourceGroup, name: clusterName };

/** The files beside index.ts that `pulumi new typescript` makes. */
const NEW_PROJECT = {
    "Pulumi.yaml": "name: platform\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n",
    "package.json": JSON.stringify({ name: "platform", main: "index.ts" }),
    "tsconfig.json": JSON.stringify({
        compilerOptions: {
            strict: true,
            outDir: "bin",
            target: "es2020",
            module: "commonjs",
            moduleResolution: "node",
            sourceMap: true,
            experimentalDecorators: true,
            pretty: true,
            noFallthroughCasesInSwitch: true,
            noImplicitReturns: true,
            forceConsistentCasingInFileNames: true,
        },
        files: ["index.ts"],
    }),
};

/** Kinds of changes that a command line sums up last, e.g. `to update` and `unchanged`. */
const changes = (output: string): string[] => Object.keys(changesOf(output)).sort();

describe("README's first use, by the pulumi command line", function () {
    this.timeout(timeoutMs);
    let aks: LocalAks;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        await aks.addCluster({ ...cluster, backend: "control-plane" });
    });
    afterEach(() => aks?.close());

    /**
     * Runs README's commands, then refresh and destroy, and checks what each does to the cluster and to the stack.
     *
     * @param expected how many resources README says that a raised generation changes
     * @param beforeRaise what else happens in the folder before the generation is raised
     */
    async function runFirstUse(
        project: CliProject,
        name: string,
        expected: RaisedCounts,
        beforeRaise = async () => {},
    ): Promise<void> {
        const rotations = () => aks.control.cluster(cluster).rotations.started;
        const stateFile = project.stateFile(name, "production");
        const record = async () => {
            const { resources } = await readStateFile(stateFile);
            const stdout = resources.find(({ urn }) => urn.endsWith(`::${clusterName}-rotation`))?.outputs?.stdout;
            const { outcome, generation } = JSON.parse(String(stdout));
            return { outcome, generation };
        };
        const printed: string[] = [];
        let compiler = {};
        const run = async (line: string) => {
            const { output } = await project.succeed(line, compiler);
            printed.push(...output.split("\n"));
            assert.ok(!aks.issuedSecrets().some((secret) => output.includes(secret)), `${line} prints a secret`);
            return output;
        };
        const raise = commands.findLastIndex((line) => line.includes("config set rotationGeneration"));
        assert.deepEqual(commands.slice(raise - 1, raise), ["pulumi up"]);
        assert.deepEqual(commands.slice(raise + 1), ["pulumi preview", "pulumi up"]);

        for (const line of commands.slice(0, raise - 1)) {
            await run(line);
        }
        assert.deepEqual(changes(await run("pulumi up")), ["created"]);
        assert.deepEqual(await record(), { outcome: "adopted", generation: 1 });
        assert.equal(rotations(), 0);

        // The types of the program have been checked.
        compiler = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
        await beforeRaise();
        await run(commands[raise] ?? "");
        const preview = await run("pulumi preview");
        assert.deepEqual(changes(preview), ["to update", "unchanged"]);
        assert.equal(changesOf(preview)["to update"], expected.preview);
        assert.ok(preview.includes(`Generation 1 → 2: this up rotates ${resourceGroup}/${clusterName}`), preview);
        assert.equal(rotations(), 0);
        const up = await run("pulumi up");
        assert.deepEqual(changes(up), ["unchanged", "updated"]);
        assert.equal(changesOf(up).updated, expected.up);
        assert.deepEqual(await record(), { outcome: "rotated", generation: 2 });
        assert.equal(rotations(), 1);

        // README names it below the commands; the program of one's own exports other outputs.
        if (name === "aks-certificate-rotation") {
            assert.match(await run("pulumi stack output rotation"), /"outcome":"rotated"/);
        }
        assert.deepEqual(changes(await run("pulumi refresh")), ["unchanged"]);
        assert.deepEqual(changes(await run("pulumi destroy")), ["deleted"]);
        assert.deepEqual((await readStateFile(stateFile)).resources ?? [], []);
        assert.equal(rotations(), 1);
        assert.deepEqual(
            printed.filter((line) => line.includes("entry point")),
            [],
        );
    }

    it("adopts and rotates from a checkout", async () => {
        await using project = await CliProject.open({ environment: aks.environment, scaffold: false });
        await copyCheckout(project.folder);
        assert.ok(!existsSync(join(project.folder, "dist", "components")));
        await runFirstUse(project, "aks-certificate-rotation", raised.checkout);
    });

    it("adopts and rotates from a checkout that has been packed meanwhile", async () => {
        await using project = await CliProject.open({ environment: aks.environment, scaffold: false });
        await copyCheckout(project.folder);
        await runFirstUse(project, "aks-certificate-rotation", raised.checkout, async () => {
            await pack(project.folder, project.directory);
            assert.ok(existsSync(join(project.folder, "dist", "components", "index.js")));
        });
    });

    it("adopts and rotates from a program of one's own that has the package installed", async () => {
        await using project = await CliProject.open({
            environment: aks.environment,
            scaffold: false,
            files: { ...NEW_PROJECT, "index.ts": program },
        });
        const copy = join(project.directory, "checkout");
        await copyCheckout(copy);
        const { file } = await pack(copy, project.directory);
        await installPacked(file, project.folder, ["typescript", "@types/node"]);
        await runFirstUse(project, "platform", raised.own);
    });
});
