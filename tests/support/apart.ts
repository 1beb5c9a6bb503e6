import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CertificateRotationArgs } from "../../components";
import type { Tool } from "../../toolchain/tool";

/** What a process apart is to run. */
export interface Order {
    /** The project's folder. */
    directory: string;
    pulumi: Tool;
    environment: Record<string, string>;
    /** Plain values alone. */
    args: CertificateRotationArgs;
    verbose: boolean;
}

/** What it tells. */
export type Word =
    | { said: string; stream: "stdout" | "stderr" }
    | { ended: "well" }
    | { ended: "badly"; message: string };

/** An `up` in a process apart, which leads a process group of its own, as a shell's job or a pipeline's step does. */
export class Apart {
    readonly pid: number;
    /** Settles when the process is gone: with undefined after a good end, else with why the `up` did not succeed. */
    readonly ended: Promise<string | undefined>;

    private constructor(child: ChildProcess, order: Order, listener: () => (text: string) => void) {
        this.pid = child.pid ?? 0;
        const listeners = { stdout: listener(), stderr: listener() };
        let end: string | undefined = "the process of the program was killed";
        child.on("message", (word: Word) => {
            if ("said" in word) {
                listeners[word.stream](word.said);
            } else {
                end = word.ended === "well" ? undefined : word.message;
            }
        });
        this.ended = once(child, "close").then(() => end);
        child.send(order);
    }

    /** @param listener makes who hears one of its streams */
    static start(order: Order, listener: () => (text: string) => void): Apart {
        const child = spawn(
            process.execPath,
            ["--require", "ts-node/register/transpile-only", join(__dirname, "apart-main.ts")],
            { detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"] },
        );
        return new Apart(child, order, listener);
    }
}
