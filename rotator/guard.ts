import { spawn } from "node:child_process";
import { Parent } from "./parent";
import { safeEnvironment } from "./safe-environment";

/**
 * Starts the rotator in an environment in which nothing prints what it handles. Where Node.js has acted upon the present
 * one already, such as `NODE_OPTIONS=--require …`, this process is replaced by a new one, and `run` is not called; where
 * the system cannot replace a process, a child does the work.
 *
 * @param run starts the rotator
 */
export function guard(run: () => void): void {
    const { env, needsRestart } = safeEnvironment(process.env);
    if (!needsRestart) {
        for (const name of Object.keys(process.env)) {
            if (env[name] === undefined) {
                delete process.env[name];
            }
        }
        Object.assign(process.env, env);
        run();
        return;
    }
    // Node.js warns of an experimental feature.
    process.removeAllListeners("warning");
    // Node.js may have been started with code that has found and loaded this program: its kind is no option for a file.
    const options = process.execArgv.filter((option) => !option.startsWith("--input-type"));
    const args = [...options, ...process.argv.slice(1)];
    try {
        process.execve?.(process.execPath, [process.execPath, ...args], env);
    } catch {
        // Not on this system, or not with this version of Node.js.
    }
    runInChild(args, env);
}

/** Runs the rotator in a child with the streams of this process, until it ends, or what started this process does. */
function runInChild(args: string[], env: Record<string, string | undefined>): void {
    const child = spawn(process.execPath, args, { env, stdio: "inherit", windowsHide: true });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.on(signal, () => child.kill(signal));
    }
    new Parent().watch(() => {
        child.kill("SIGKILL");
        process.exit(1);
    });
    child.on("error", ({ message }) => {
        process.stderr.write(
            `The rotator cannot be started without the NODE_OPTIONS or NODE_DEBUG of the environment (${message}). ` +
                "Unset both, then run pulumi up again.\n",
            () => process.exit(1),
        );
    });
    child.on("exit", (code) => process.exit(code ?? 1));
}
