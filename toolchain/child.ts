import { spawn } from "node:child_process";

/** Time between asking a process to end and ending it, in milliseconds. */
const GRACE = 5_000;

/** How to start a child process, and what ends it early. */
export interface ChildOptions {
    cwd?: string;
    environment?: NodeJS.ProcessEnv;
    /** Ends the process, and what it started, when aborted. */
    signal?: AbortSignal;
    /** Called with each whole line of stdout, without its line break. */
    onLine?: (line: string) => void;
    /** Called with each whole line of stderr, without its line break. */
    onErrorLine?: (line: string) => void;
}

/** How a child process ended. */
export interface ChildResult {
    /** Undefined if a signal ended it. */
    exitCode: number | undefined;
    /** The signal that ended it, if one did. */
    endedBy: NodeJS.Signals | undefined;
    /** Everything on stdout, unless `onLine` took it. */
    stdout: string;
    /** Everything on stderr, unless `onErrorLine` took it. */
    stderr: string;
}

/**
 * Runs a program to its end, without a shell. Rejects if it cannot be started (an ENOENT where it does not exist), or
 * with the signal's reason, after the process is gone, when aborted. A failed exit is not an error here.
 */
export function runChild(command: string, args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
    const { signal, onLine, onErrorLine } = options;
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(signal.reason);
            return;
        }
        // A process group of its own, because `go build` leaves its compilers running when only itself is ended.
        const grouped = process.platform !== "win32";
        const child = spawn(command, args, {
            cwd: options.cwd,
            env: options.environment,
            stdio: ["ignore", "pipe", "pipe"],
            detached: grouped,
            windowsHide: true,
        });
        const kill = (how: NodeJS.Signals) => {
            try {
                if (grouped && child.pid !== undefined) {
                    process.kill(-child.pid, how);
                } else {
                    child.kill(how);
                }
            } catch {
                // The process is gone already.
            }
        };
        let harder: NodeJS.Timeout | undefined;
        const onAbort = () => {
            kill("SIGTERM");
            harder = setTimeout(() => kill("SIGKILL"), GRACE);
        };
        const onExit = () => kill("SIGKILL");
        signal?.addEventListener("abort", onAbort, { once: true });
        process.once("exit", onExit);
        const release = () => {
            clearTimeout(harder);
            signal?.removeEventListener("abort", onAbort);
            process.off("exit", onExit);
        };

        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            stdout = withoutLines(stdout + text, onLine);
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            stderr = withoutLines(stderr + text, onErrorLine);
        });
        child.once("error", (error) => {
            release();
            reject(error);
        });
        child.once("close", (exitCode, endedBy) => {
            release();
            if (signal?.aborted) {
                reject(signal.reason);
                return;
            }
            if (onLine && stdout !== "") {
                onLine(stdout);
                stdout = "";
            }
            if (onErrorLine && stderr !== "") {
                onErrorLine(stderr);
                stderr = "";
            }
            resolve({ exitCode: exitCode ?? undefined, endedBy: endedBy ?? undefined, stdout, stderr });
        });
    });
}

/** Hands on the whole lines of a text, if anybody takes them; returns the rest. */
function withoutLines(text: string, take: ((line: string) => void) | undefined): string {
    if (take === undefined) {
        return text;
    }
    const lines = text.split(/\r?\n/);
    const rest = lines.pop() ?? "";
    lines.forEach(take);
    return rest;
}
