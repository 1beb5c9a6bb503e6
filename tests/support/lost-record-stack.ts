import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecord, type RotationRecord } from "../../formats/record";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { CliProject, type CommandResult, componentModule } from "./pulumi-cli";
import { readStateFile } from "./state-file";

/** The component, under a parent that the config can change, and with a ConfigMap of the record where the config says so. */
const PROGRAM = `
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from ${componentModule};

const config = new pulumi.Config();
const parent = config.get("parent") ?? "platform";
const rotation = new CertificateRotation(
    "cluster",
    {
        resourceGroupName: "group",
        clusterName: "blue",
        rotationGeneration: config.requireNumber("generation"),
        settleTimeout: "20s",
        timeout: config.get("timeout"),
    },
    { parent: new pulumi.ComponentResource("test:" + parent, parent) },
);
if (config.getBoolean("writeRecord")) {
    new ConfigMap(
        "record",
        {
            metadata: { name: "aks-certificate-rotation", namespace: "default" },
            data: {
                stack: pulumi.getProject() + "/" + pulumi.getStack(),
                "record.json": rotation.rotation.apply((record) => JSON.stringify(record)),
            },
        },
        { provider: rotation.makeProvider({ enableConfigMapMutable: true }) },
    );
}
export const kubeconfig = rotation.kubeconfig;
export const record = rotation.rotation;
`;

const REF = { resourceGroup: "group", name: "blue" };

/** Where the exported state of a stack is written, relative to the folder of the program. */
const EXPORTED = "exported.json";

const COMMAND_LINE = join(__dirname, "..", "..", "dist", "cli.js");

interface Deployment {
    resources: { urn: string; outputs?: Record<string, unknown> }[];
}

/** A stack of the real `pulumi` command line that loses its rotation record, and its cluster. */
export class LostRecordStack implements AsyncDisposable {
    private constructor(
        readonly aks: LocalAks,
        readonly cli: CliProject,
    ) {}

    /**
     * Opens a stack that has adopted its cluster at generation 1.
     *
     * @param writeRecord whether the record is in the cluster, too; it has a real control plane then
     */
    static async adopted({ writeRecord = false } = {}): Promise<LostRecordStack> {
        const aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        const backend = writeRecord ? "control-plane" : "light";
        try {
            await aks.addCluster({ ...REF, backend });
            const environment = { ...aks.environment, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
            const cli = await CliProject.open({ environment, files: { "index.ts": PROGRAM } });
            const stack = new LostRecordStack(aks, cli);
            await cli.succeed("pulumi stack init dev");
            await cli.succeed(`pulumi config set writeRecord ${writeRecord}`);
            await stack.up(1);
            return stack;
        } catch (error) {
            await aks.close();
            throw error;
        }
    }

    /** Rotations that the cluster has counted. */
    get rotations(): number {
        return this.aks.control.cluster(REF).rotations.started;
    }

    /** Rotates the cluster as another client of Azure does, and waits for the end. */
    async rotateElsewhere(): Promise<void> {
        await this.aks.control.rotateBySomebodyElse(REF).finished;
    }

    /** Runs `pulumi up` at a generation, which has to succeed; returns the record that is in the state then. */
    async up(generation: number, options = ""): Promise<RotationRecord> {
        await this.cli.succeed(`pulumi config set generation ${generation}`);
        await this.cli.succeed(`pulumi up ${options}`);
        return this.record();
    }

    /** Runs `pulumi up` at a generation, which has to fail. */
    async failingUp(generation: number, options = ""): Promise<CommandResult> {
        await this.cli.succeed(`pulumi config set generation ${generation}`);
        const result = await this.cli.run(`pulumi up ${options}`);
        if (result.code === 0) {
            throw new Error(`pulumi up ${options} was expected to fail:\n${result.output}`);
        }
        return result;
    }

    /** The URN of one of the component's Commands. */
    async urn(command: "intent" | "rotation"): Promise<string> {
        const { resources } = await readStateFile(this.cli.stateFile());
        const found = resources.find(({ urn }) => urn.endsWith(`::cluster-${command}`));
        if (found === undefined) {
            throw new Error(`The state has no Command cluster-${command}.`);
        }
        return found.urn;
    }

    /** The record in the state. */
    async record(): Promise<RotationRecord> {
        const { resources } = await readStateFile(this.cli.stateFile());
        return parseRecord(String(resources.find(({ urn }) => urn.endsWith("::cluster-rotation"))?.outputs?.stdout));
    }

    /** Empties the standard output of Commands in the state, as a `pulumi refresh` can do (pulumi-command #1377). */
    async emptyStdout(...commands: ("intent" | "rotation")[]): Promise<void> {
        await this.cli.succeed(`pulumi stack export --file ${EXPORTED}`);
        const file = join(this.cli.folder, EXPORTED);
        const exported: { deployment: Deployment } = JSON.parse(await readFile(file, "utf8"));
        for (const { urn, outputs } of exported.deployment.resources) {
            if (outputs !== undefined && commands.some((command) => urn.endsWith(`::cluster-${command}`))) {
                outputs.stdout = "";
            }
        }
        await writeFile(file, JSON.stringify(exported));
        await this.cli.succeed(`pulumi stack import --file ${EXPORTED}`);
    }

    /** Runs `record restore` of the built command line, where the package is installed as README says; it has to succeed. */
    async restore(options: string): Promise<CommandResult> {
        return this.cli.succeed(`${process.execPath} ${COMMAND_LINE} record restore ${options}`);
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.cli[Symbol.asyncDispose]();
        await this.aks.close();
    }
}
