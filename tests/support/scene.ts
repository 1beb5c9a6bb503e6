import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { OutputMap, PreviewResult, PulumiFn, UpResult } from "@pulumi/pulumi/automation";
import type { CertificateRotationArgs } from "../../components";
import type { RotationRecord } from "../../formats/record";
import type { ClusterKind } from "../../rehearsal/local-aks/cluster-kind";
import type { ClusterOptions } from "../../rehearsal/local-aks/cluster-options";
import type { ClusterReport } from "../../rehearsal/local-aks/control";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { openProject, type Project } from "../../rehearsal/project";
import { Apart } from "./apart";
import { type Cast, castOf } from "./processes";
import { componentAlone } from "./program";
import { standing } from "./standing";
import { textsUnder } from "./texts";
import { engine } from "./tools";
import { untilBegun } from "./until-begun";

/** What a scene is set with. */
export interface SceneOptions {
    /** Default: light. */
    backend?: "light" | "control-plane";
    /** What kind of cluster it is. Default: with local accounts, public. */
    kind?: ClusterKind & Partial<Pick<ClusterOptions, "kubernetesVersion">>;
    /** Default: 1. */
    rotationSeconds?: number;
    /** The program. Default: the component alone. */
    program?: (args: CertificateRotationArgs) => ReturnType<PulumiFn>;
    /** Its arguments, over the usual ones; those that only the local AKS knows, made of it. */
    args?: Partial<CertificateRotationArgs> | ((aks: LocalAks) => Partial<CertificateRotationArgs>);
    /** Variables for the engine, over those of the local AKS. */
    environment?: Record<string, string>;
}

/** One cluster in a local AKS of its own, and one stack that manages it with the real engine. */
export class Scene implements AsyncDisposable {
    /** The arguments that the next run has. */
    args: CertificateRotationArgs;
    /** All that the engine has said so far, with all that it logs. */
    log = "";
    /** What of it is for the user, in whole lines: not its log, which repeats what is in the state. */
    shown = "";
    /** Whether the engine logs at its most verbose. */
    verbose = false;
    readonly ref = { resourceGroup: "group", name: "blue" };
    /** When it was set, milliseconds since 1970. */
    readonly opened = Date.now();

    private readonly heard = new Set<() => void>();

    private constructor(
        readonly aks: LocalAks,
        readonly project: Project,
        program: { args: CertificateRotationArgs },
        private readonly environment: Record<string, string>,
    ) {
        this.args = program.args;
        Object.defineProperty(program, "args", { get: () => this.args });
    }

    /** Sets a scene; its end takes everything down. */
    static async open(options: SceneOptions = {}): Promise<Scene> {
        const { backend = "light", kind = {}, rotationSeconds = 1, program = componentAlone } = options;
        const tools = await engine();
        const aks = await startLocalAks({ rotationSeconds, progress: console.log });
        try {
            await aks.addCluster({ resourceGroup: "group", name: "blue", backend, ...kind });
            const own = typeof options.args === "function" ? options.args(aks) : options.args;
            const usual = {
                resourceGroupName: "group",
                clusterName: "blue",
                rotationGeneration: 1,
                settleTimeout: "20s",
            };
            const state = { args: { ...usual, ...own } as CertificateRotationArgs };
            const environment = { ...aks.environment, ...options.environment };
            const project = await openProject({ ...tools, environment, program: async () => program(state.args) });
            return new Scene(aks, project, state, environment);
        } catch (error) {
            await aks.close();
            throw error;
        }
    }

    /** A project of another name in the same backend, whose stack can refer to this one; its end is its own. */
    async openBeside(name: string, program: PulumiFn): Promise<Project> {
        const { environment, project } = this;
        return openProject({ ...(await engine()), name, environment, program, beside: project });
    }

    get control(): LocalAks["control"] {
        return this.aks.control;
    }

    /** How the cluster stands. */
    get cluster(): ClusterReport {
        return this.control.cluster(this.ref);
    }

    /** Rotations that the cluster has counted. */
    get rotations(): number {
        return this.cluster.rotations.started;
    }

    /**
     * `pulumi up`, at a generation if one is given.
     *
     * @param mayRepeat whether it may still be run again where it has not begun: see until-begun.ts
     */
    async up(generation?: number, mayRepeat?: () => boolean): Promise<UpResult> {
        return untilBegun(
            () => this.upOnce(generation),
            () => this.stands(),
            mayRepeat,
        );
    }

    /** The same, and never run again: one that is to be killed has no excuse. */
    async upOnce(generation?: number): Promise<UpResult> {
        this.ask(generation);
        const verbosity = this.verbose ? { logToStdErr: true, logVerbosity: 11 } : {};
        return this.project.stack.up({ onOutput: this.listener(), onError: this.listener(), ...verbosity });
    }

    /** The same in a process apart: the protected component alone, and of its arguments those that are plain values. */
    async upApart(generation?: number): Promise<Apart> {
        this.ask(generation);
        const { directory } = this.project;
        const { pulumi } = await engine();
        const { environment, args, verbose } = this;
        return Apart.start({ directory, pulumi, environment, args, verbose }, () => this.listener());
    }

    /** The processes of the `up` that runs. */
    get cast(): Cast {
        return castOf(this.project.directory);
    }

    /** `pulumi preview`, at a generation if one is given. */
    async preview(generation?: number): Promise<PreviewResult> {
        this.ask(generation);
        return untilBegun(
            () => this.project.stack.preview({ onOutput: this.listener(), onError: this.listener() }),
            () => this.stands(),
        );
    }

    /** The error with which a run fails, without colours. */
    async failure(run: Promise<unknown>): Promise<string> {
        return run.then(
            () => {
                throw new Error("the run was expected to fail");
            },
            (error: Error) => error.message,
        );
    }

    /**
     * Settles when the engine has shown the user something, now or earlier in a run that goes on.
     *
     * @throws Error after a minute
     */
    async said(what: RegExp): Promise<void> {
        let look = () => {};
        try {
            await Promise.race([
                new Promise<void>((resolve) => {
                    look = () => what.test(this.shown) && resolve();
                    this.heard.add(look);
                    look();
                }),
                setTimeout(60_000, undefined, { ref: false }).then(() => {
                    throw new Error(`This was not said: ${what}.`);
                }),
            ]);
        } finally {
            this.heard.delete(look);
        }
    }

    /** The text of every file under a folder of the project: "state", as the backend keeps it, or "tmp". */
    async files(name: string): Promise<string> {
        return textsUnder(join(this.project.directory, name));
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.project.close();
        await this.aks.close();
    }

    /** What a run that has not begun must leave as it is. */
    private async stands(): Promise<unknown> {
        const rotations = this.control.clusters().map(({ name, rotations }) => [name, rotations]);
        return { rotations, stacks: await standing(this.project) };
    }

    private ask(generation: number | undefined): void {
        if (generation !== undefined) {
            this.args = { ...this.args, rotationGeneration: generation };
        }
    }

    /** Hears one of a run's streams. */
    private listener(): (text: string) => void {
        let rest = "";
        return (text) => {
            this.log += text;
            const lines = (rest + text).split("\n");
            rest = lines.pop() ?? "";
            for (const line of withoutRecords(lines)) {
                this.shown += `${line}\n`;
            }
            for (const look of this.heard) {
                look();
            }
        };
    }
}

/** The lines of an engine that are no records of its log. */
export function withoutRecords(lines: readonly string[]): string[] {
    return lines.filter((line) => !/^(\{"time":|I\d{4} )/.test(line));
}

/** The rotation record among a stack's outputs. */
export function recordOf(outputs: OutputMap): RotationRecord {
    return outputs.rotation?.value as RotationRecord;
}
