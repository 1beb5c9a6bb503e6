import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { basename, join } from "node:path";

/** A process that runs until it is ended. */
export interface Child {
    /** Settles when it has ended, with a sentence on how. */
    readonly ended: Promise<string>;
    /** The last lines that it has written. */
    tail(): string;
    /** Ends it at once, and waits until it has gone. */
    kill(): Promise<void>;
}

/**
 * Starts processes that are gone when this one is: on `kill`, when this process exits, and, by a watchdog process,
 * when it is killed. What they write goes to files in the folder, which goes with them.
 */
export class Children {
    readonly #running = new Set<ChildProcess>();
    readonly #onExit = () => this.#killAll();
    #watchdog: ChildProcess | undefined;

    constructor(private readonly folder: string) {
        process.on("exit", this.#onExit);
    }

    /** Starts a program; what it writes is appended to the log file. */
    start(program: string, args: string[], log: string): Child {
        const output = openSync(log, "a");
        const child = spawn(program, args, {
            stdio: ["ignore", output, output],
            // A Ctrl-C is for us alone: what runs in the cluster goes on until we end it.
            detached: process.platform !== "win32",
            windowsHide: true,
        });
        closeSync(output);
        const name = basename(program);
        const ended = new Promise<string>((resolve) => {
            child.once("error", (error) => resolve(`${name} could not be run: ${error.message}`));
            child.once("exit", (code, signal) => resolve(`${name} ended with ${signal ?? `exit code ${code}`}`));
        });
        if (child.pid !== undefined) {
            this.#running.add(child);
            this.#tellWatchdog(`+${child.pid}`);
        }
        void ended.then(() => {
            this.#running.delete(child);
            if (child.pid !== undefined) {
                this.#tellWatchdog(`-${child.pid}`);
            }
        });
        return {
            ended,
            tail: () => readFileSync(log, "utf8").trimEnd().split("\n").slice(-12).join("\n"),
            kill: async () => {
                child.kill("SIGKILL");
                await ended;
            },
        };
    }

    /** Ends all that still run. */
    async close(): Promise<void> {
        process.off("exit", this.#onExit);
        const gone = [...this.#running].map((child) => once(child, "exit"));
        this.#killAll();
        await Promise.all(gone);
        if (this.#watchdog) {
            const ended = once(this.#watchdog, "exit");
            this.#watchdog.ref();
            this.#watchdog.stdin?.end();
            await ended;
        }
    }

    #killAll(): void {
        for (const child of this.#running) {
            child.kill("SIGKILL");
        }
    }

    #tellWatchdog(line: string): void {
        this.#watchdog ??= this.#startWatchdog();
        this.#watchdog.stdin?.write(`${line}\n`);
    }

    #startWatchdog(): ChildProcess {
        const watchdog = spawn(process.execPath, [join(__dirname, "watchdog.mjs"), this.folder], {
            stdio: ["pipe", "ignore", "ignore"],
            // Out of reach of a Ctrl-C or a kill that is meant for the parent's process group.
            detached: true,
            windowsHide: true,
            env: { ...process.env, NODE_OPTIONS: "" },
        });
        watchdog.unref();
        watchdog.stdin.on("error", () => undefined);
        (watchdog.stdin as Socket).unref();
        return watchdog;
    }
}
