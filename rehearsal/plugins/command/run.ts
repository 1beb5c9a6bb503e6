import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { CommandArguments } from "./arguments";
import { exitFailure, quote, startFailure } from "./go-text";

/** What a command printed, without the last line break. */
export interface CommandOutputs {
    stdout: string;
    stderr: string;
}

/** Gives whole lines to `line` as they come, and the rest at the end. */
function eachLine(stream: Readable, line: (line: string) => void): void {
    let rest = "";
    stream.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const whole of lines) {
            line(whole.replace(/\r$/, ""));
        }
    });
    stream.on("end", () => rest !== "" && line(rest));
}

/**
 * Runs a command to its end.
 *
 * @param previous What the command printed the last time; empty texts are not passed on.
 * @param options.line Gets every line that is to be shown, as it comes.
 * @param options.signal Kills the program (not what it has started in turn).
 * @throws Error with the exit code, the command, and all it printed.
 */
export async function run(
    command: string,
    args: CommandArguments,
    previous: CommandOutputs,
    options: { line: (line: string) => void; signal: AbortSignal },
): Promise<CommandOutputs> {
    const [program = "", ...first] = args.interpreter;
    const env: NodeJS.ProcessEnv = { ...process.env, ...args.environment };
    if (args.addPreviousOutputInEnv) {
        Object.assign(
            env,
            previous.stdout && { PULUMI_COMMAND_STDOUT: previous.stdout },
            previous.stderr && { PULUMI_COMMAND_STDERR: previous.stderr },
        );
    }
    let all = "";
    const fail = (reason: string) => new Error(`${reason}: running ${quote(command)}:\n${all}`);
    if (options.signal.aborted) {
        throw fail("context canceled");
    }
    const child = spawn(program, [...first, command], { cwd: args.dir, env, windowsHide: true });
    const kill = () => child.kill("SIGKILL");
    options.signal.addEventListener("abort", kill);
    const outputs: CommandOutputs = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8");
        child[name].on("data", (chunk: string) => {
            outputs[name] += chunk;
            all += chunk;
        });
        if (args.logging === name || args.logging === "stdoutAndStderr") {
            eachLine(child[name], options.line);
        }
    }
    // A program may end, or never start, without reading its input.
    child.stdin.on("error", () => {});
    child.stdin.end(args.stdin ?? "");
    try {
        await new Promise<void>((resolve, reject) => {
            child.on("error", (error) => reject(fail(startFailure(error, program, args.dir))));
            child.on("close", (code, signal) => (code === 0 ? resolve() : reject(fail(exitFailure(code, signal)))));
        });
    } finally {
        options.signal.removeEventListener("abort", kill);
    }
    return { stdout: outputs.stdout.replace(/\n$/, ""), stderr: outputs.stderr.replace(/\n$/, "") };
}
