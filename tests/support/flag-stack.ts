import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecord } from "../../formats/record";
import type { BackendKind } from "../../rehearsal/local-aks/api-server";
import type { ClusterReport } from "../../rehearsal/local-aks/control";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { anyRuns, until } from "./processes";
import { CliProject, type CommandResult, componentModule } from "./pulumi-cli";
import { readStateFile } from "./state-file";

/** What the program reads each time it runs. */
export interface ProgramSettings {
    generation: number;
    /** Name of the component. */
    name: string;
    /** Name that it had before; an alias. */
    earlierName?: string;
    /** Name of the component above it; none: it is directly under the stack. */
    parent?: string;
    /** Names of those that were above it before; "" is none; aliases. */
    earlierParents?: string[];
    /** Whether the provider makes a ConfigMap: on a control plane alone, since the light backend keeps no objects. */
    makesObject?: boolean;
}

/** What happens before a command line is run. */
export type Situation =
    | "at rest"
    | "after a rotation by someone else"
    | "after a killed up"
    | "with a raised generation";

/** What a command line has come to, and how many rotations it has started. */
export interface FlagResult extends CommandResult {
    rotations: number;
}

/**
 * A component, a Kubernetes provider, a namespace that is read through it, and a Command that depends on the component's
 * outputs.
 */
const PROGRAM = `import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import { ConfigMap, Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from ${componentModule};

const { generation, name, earlierName, parent, earlierParents = [], makesObject } = JSON.parse(readFileSync("settings.json", "utf8"));
const type = "example:index:Platform";
const above = (earlier: string) =>
    earlier === "" ? pulumi.rootStackResource : pulumi.createUrn(earlier, type);
const rotation = new CertificateRotation(
    name,
    { resourceGroupName: "group", clusterName: "blue", rotationGeneration: generation, settleTimeout: "20s" },
    {
        parent: parent ? new pulumi.ComponentResource(type, parent) : undefined,
        aliases: [
            ...(earlierName ? [{ name: earlierName }] : []),
            ...earlierParents.map((earlier: string) => ({ parent: above(earlier) })),
        ],
    },
);
const environment = { FINGERPRINTS: rotation.caFingerprints.apply((all) => all.join()) };
new local.Command("dependent", { create: "echo made", environment }, { dependsOn: rotation });
const { provider } = rotation;
Namespace.get("system", "kube-system", { provider });
if (makesObject) {
    new ConfigMap("made", { data: { currency: "EUR" } }, { provider });
}
`;

const REF = { resourceGroup: "group", name: "blue" };

/** A stack of the real command line that has adopted a cluster, in a local AKS of its own. */
export class FlagStack implements AsyncDisposable {
    settings: ProgramSettings = { generation: 1, name: "cluster" };
    stackName = "dev";
    /** Variables for each of its command lines. */
    readonly environment: Record<string, string> = {};

    private constructor(
        readonly aks: LocalAks,
        readonly project: CliProject,
    ) {}

    /** Makes both, and adopts. */
    static async open(backend: BackendKind = "light"): Promise<FlagStack> {
        const aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        try {
            await aks.addCluster({ ...REF, backend });
            const environment = { ...aks.environment, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
            const project = await CliProject.open({ environment, files: { "index.ts": PROGRAM } });
            const stack = new FlagStack(aks, project);
            try {
                await stack.set({ makesObject: backend === "control-plane" });
                await project.succeed("pulumi stack init dev");
                await stack.succeed("pulumi up");
                return stack;
            } catch (error) {
                await project[Symbol.asyncDispose]();
                throw error;
            }
        } catch (error) {
            await aks.close();
            throw error;
        }
    }

    get cluster(): ClusterReport {
        return this.aks.control.cluster(REF);
    }

    /** How many resources the program has; the namespace that it only reads is none. */
    get size(): number {
        const { parent, makesObject } = this.settings;
        return 6 + Number(parent !== undefined) + Number(makesObject === true);
    }

    /** Sets what the program reads when it runs next. */
    async set(settings: Partial<ProgramSettings>): Promise<void> {
        this.settings = { ...this.settings, ...settings };
        await this.write("settings.json", JSON.stringify(this.settings));
    }

    /** Reads a file of the program's folder. */
    async read(file: string): Promise<string> {
        return readFile(join(this.project.folder, file), "utf8");
    }

    /** Writes a file of the program's folder. */
    async write(file: string, text: string): Promise<void> {
        await writeFile(join(this.project.folder, file), text);
    }

    /** How the next rotations end. */
    endRotations(rotationOutcomes: ClusterReport["settings"]["rotationOutcomes"]): void {
        this.aks.control.set(REF, { rotationOutcomes });
    }

    /** Runs a command line to its end. It must print no secret. */
    async run(line: string): Promise<FlagResult> {
        const before = this.cluster.rotations.started;
        const result = await this.project.run(line, this.environment);
        const secrets = this.aks.issuedSecrets();
        assert.ok(!secrets.some((secret) => result.output.includes(secret)), `${line} prints a secret`);
        return { ...result, rotations: this.cluster.rotations.started - before };
    }

    /** Runs command lines that must succeed but for the last one, whose result it is. */
    async runAll(...lines: string[]): Promise<FlagResult> {
        const last = lines.pop() ?? "";
        for (const line of lines) {
            await this.succeed(line);
        }
        return this.run(last);
    }

    /** Runs a command line that must succeed. */
    async succeed(line: string): Promise<FlagResult> {
        const result = await this.run(line);
        assert.equal(result.code, 0, `${line} exited with ${result.code}:\n${result.output}`);
        return result;
    }

    /** Brings a situation about. */
    async bring(situation: Situation): Promise<void> {
        const { control } = this.aks;
        switch (situation) {
            case "at rest":
                return;
            case "with a raised generation":
                return this.set({ generation: this.settings.generation + 1 });
            case "after a rotation by someone else":
                await control.rotateBySomebodyElse(REF).finished;
                return;
            case "after a killed up":
                await this.set({ generation: this.settings.generation + 1 });
                await this.#killUp();
                await control.waitUntilIdle(REF);
                // The file backend keeps the lock of one that was killed.
                await this.project.succeed(`pulumi cancel ${this.stackName}`, this.environment);
        }
    }

    /** Kills an `up`, with all that it has started, once its rotation has begun. */
    async #killUp(): Promise<void> {
        const { started } = this.cluster.rotations;
        const { pid, ended, output } = this.project.start("pulumi up", this.environment);
        let over = false;
        void ended.then(() => {
            over = true;
        });
        await until("the start of the rotation", () => over || this.cluster.rotations.started > started);
        assert.ok(!over, `the up that was to be killed has ended before its rotation:\n${output()}`);
        process.kill(-pid, "SIGKILL");
        await ended;
        await until("the end of the processes that were killed", () => !anyRuns([pid]));
    }

    /** What the state holds: the generation on record, how many operations are pending, ids of what is no component. */
    async state(): Promise<{ generation: number | undefined; pending: number; ids: string[] }> {
        const file = this.project.stateFile("rehearsal", this.stackName);
        const { resources = [], pending_operations: pending = [] } = await readStateFile(file);
        const stdout = resources.find(({ urn }) => urn.endsWith(`::${this.settings.name}-rotation`))?.outputs?.stdout;
        const record = typeof stdout === "string" ? parseRecord(stdout) : undefined;
        // A default provider changes with the version of its plugin, and is nothing in the world.
        const real = resources.filter(({ urn }) => !urn.includes("::default"));
        const ids = real.flatMap(({ id }) => id ?? []);
        return { generation: record?.generation, pending: pending.length, ids };
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.project[Symbol.asyncDispose]();
        await this.aks.close();
    }
}

/** How many resources a command line says it has changed, by kind, e.g. `{ unchanged: 6 }`. */
export function changesOf(output: string): Record<string, number> {
    const summary = [...output.matchAll(/^Resources:\n((?: {4}.*\n)+)/gm)].at(-1)?.[1] ?? "";
    const kinds = [...summary.matchAll(/(\d+) (.+)/g)];
    return Object.fromEntries(kinds.map(([, count, kind = ""]) => [kind, Number(count)]));
}
