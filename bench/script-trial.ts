import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { send } from "../tests/support/processes";
import { makeWorkload } from "./cluster-access";
import type { Ending, Trial } from "./contender";
import { settings } from "./programs/ten";
import type { Stage } from "./stage";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder";

/** A contender that is a shell script, in a process of its own for each run. */
export class ScriptTrial implements Trial {
    readonly namespace = `script-${Date.now()}`;
    private running: ChildProcess | undefined;
    private readonly cluster: string;
    private readonly getCredentials: string;

    private constructor(
        private readonly stage: Stage,
        { resourceGroup, name }: ClusterRef,
        private readonly folder: TemporaryFolder,
    ) {
        this.cluster = `--resource-group ${resourceGroup} --name ${name}`;
        this.getCredentials = `az aks get-credentials ${this.cluster} --file kubeconfig --overwrite-existing`;
        process.prependListener("exit", this.end);
    }

    /**
     * Gets the credentials, and makes a workload.
     *
     * @throws Error when az fails
     */
    static async open(stage: Stage, ref: ClusterRef): Promise<ScriptTrial> {
        const folder = await temporaryFolder(join(tmpdir(), "bench-script-"));
        const trial = new ScriptTrial(stage, ref, folder);
        try {
            const { failed } = await trial.run(trial.getCredentials);
            if (failed !== undefined) {
                throw new Error(`The script could not be set up: ${failed}`);
            }
            await makeWorkload(stage.control.kubeconfig(ref, "admin"), trial.namespace);
            return trial;
        } catch (error) {
            await trial[Symbol.asyncDispose]();
            throw error;
        }
    }

    rotate(mark: string): Promise<Ending> {
        const { kubectl, compiled } = this.stage;
        return this.run(
            `az aks rotate-certs ${this.cluster} --yes`,
            this.getCredentials,
            labelLine({ kubectl, labelRequest: compiled.labelRequest }, this.namespace, `mark=${mark}`),
        );
    }

    pid(): number | undefined {
        return this.running?.pid;
    }

    async unlock(): Promise<string[]> {
        return [];
    }

    async [Symbol.asyncDispose](): Promise<void> {
        process.off("exit", this.end);
        this.end();
        this.folder[Symbol.dispose]();
    }

    private readonly end = () => {
        const group = this.running?.pid;
        send("SIGKILL", [group === undefined ? undefined : -group]);
    };

    private async run(...lines: string[]): Promise<Ending> {
        // A group of its own, so that az ends with the shell.
        const child = spawn("sh", ["-euc", lines.join("\n")], {
            cwd: this.folder.path,
            env: { ...process.env, ...this.stage.azEnvironment },
            stdio: ["ignore", "ignore", "pipe"],
            detached: true,
        });
        this.running = child;
        const [said, [code, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
        this.running = undefined;
        return { replaced: undefined, failed: complaint(said, code, signal), prepared: 0 };
    }
}

/** The line of a script that labels the ConfigMap: kubectl's, or an equal request by the program `labelRequest`. */
export function labelLine(
    { kubectl, labelRequest }: { kubectl: string | undefined; labelRequest: string },
    namespace: string,
    label: string,
): string {
    return kubectl === undefined
        ? `'${process.execPath}' '${labelRequest}' kubeconfig ${namespace} ${settings} ${label}`
        : `kubectl --kubeconfig kubeconfig --namespace ${namespace} label configmap ${settings} ${label} --overwrite`;
}

/** Why a shell has failed, in the words of what it ran; undefined if it did not. */
export function complaint(said: string, code: number | null, signal: NodeJS.Signals | null): string | undefined {
    if (code === 0) {
        return undefined;
    }
    const lines = said.split("\n").filter((line) => line.trim() !== "");
    const words = lines.find((line) => /^ERROR|error:|refused|unable/i.test(line)) ?? lines.at(-1) ?? "";
    return `${signal === null ? `exit code ${code}` : `ended by ${signal}`}${words && `: ${words.trim()}`}`;
}
