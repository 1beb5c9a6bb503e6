import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "./clock";
import { commandEnvironment } from "./command-environment";
import { pauseUntil } from "./pause";

/** A command that runCommand runs, or has run. */
export interface CommandResult {
    id: string;
    provisioningState: "Running" | "Succeeded" | "Failed";
    startedAt: Date;
    finishedAt?: Date;
    exitCode?: number;
    /** What it has written. */
    logs?: string;
    /** Why it could not be run. */
    reason?: string;
}

/** How a command is to be run. */
export interface CommandRequest {
    command: string;
    /** The kubeconfig that kubectl has there; JSON. */
    kubeconfig: string;
    /** At least so long. */
    seconds: number;
    /** Why it is not run at all, if it is not. */
    failure: string | undefined;
}

/**
 * Runs the commands of runCommand: here in a process of this machine, by `sh`, where AKS has a pod of the cluster. kubectl
 * is the one on PATH, or else a stand-in.
 */
export class Commands {
    readonly #results = new Map<string, CommandResult>();
    readonly #end = new AbortController();
    readonly #running = new Map<string, Promise<void>>();

    constructor(
        /** Where folders for commands are made. */
        private readonly folder: string,
        private readonly clock: Clock,
        /** Whether the stand-in for kubectl is used even where there is a kubectl. */
        private readonly standIn: boolean,
    ) {}

    /** Begins to run one; its id. */
    start(request: CommandRequest): string {
        const id = randomUUID().replaceAll("-", "");
        const result: CommandResult = { id, provisioningState: "Running", startedAt: this.clock.date() };
        this.#results.set(id, result);
        const run = this.#run(result, request).catch((error: Error) => {
            Object.assign(result, { provisioningState: "Failed", reason: error.message });
        });
        this.#running.set(id, run);
        void run.finally(() => this.#running.delete(id));
        return id;
    }

    /** Waits for the end of one. */
    async ended(id: string): Promise<void> {
        await this.#running.get(id);
    }

    /** How it stands; undefined if there never was one of that id. */
    get(id: string): CommandResult | undefined {
        return this.#results.get(id.toLowerCase());
    }

    /** Ends those that run. */
    async close(): Promise<void> {
        this.#end.abort();
        await Promise.all(this.#running.values());
    }

    async #run(result: CommandResult, { command, kubeconfig, seconds, failure }: CommandRequest): Promise<void> {
        const begun = Date.now();
        const done = failure === undefined ? await this.#shell(command, kubeconfig) : undefined;
        await pauseUntil(begun + seconds * 1000, this.#end.signal);
        const ending = done === undefined ? { reason: failure } : done;
        const provisioningState = done === undefined ? "Failed" : "Succeeded";
        Object.assign(result, ending, { provisioningState, finishedAt: this.clock.date() });
    }

    async #shell(command: string, kubeconfig: string): Promise<{ exitCode: number; logs: string }> {
        await mkdir(this.folder, { recursive: true, mode: 0o700 });
        const folder = await mkdtemp(join(this.folder, "command-"));
        try {
            const file = join(folder, "kubeconfig.json");
            await writeFile(file, kubeconfig, { mode: 0o600 });
            const environment = await commandEnvironment(folder, this.standIn);
            return await run(command, folder, { ...environment, KUBECONFIG: file }, this.#end.signal);
        } finally {
            await rm(folder, { recursive: true, force: true, maxRetries: 10 });
        }
    }
}

function run(
    command: string,
    cwd: string,
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
): Promise<{ exitCode: number; logs: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn("sh", ["-c", command], {
            cwd,
            env,
            stdio: ["ignore", "pipe", "pipe"],
            signal,
            killSignal: "SIGKILL",
        });
        let logs = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8");
            stream.on("data", (text: string) => {
                logs += text;
            });
        }
        child.once("error", reject);
        child.once("close", (code) => resolve({ exitCode: code ?? 137, logs }));
    });
}
