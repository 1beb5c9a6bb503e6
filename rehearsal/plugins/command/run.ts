import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { CommandArguments } from "./arguments";
import { exitFailure, quote, startFailure } from "./go-text";
import { LineScanner } from "./line-scanner";

/** What a command printed, without the last line break. */
export interface CommandOutputs {
    stdout: string;
    stderr: string;
}

/** The plugin's own environment, then the Command's, then the previous outputs: of equal names the last one counts. */
function environmentOf(args: CommandArguments, previous: CommandOutputs): NodeJS.ProcessEnv {
    const { stdout, stderr } = args.addPreviousOutputInEnv ? previous : { stdout: "", stderr: "" };
    return {
        ...process.env,
        ...args.environment,
        ...(stdout && { PULUMI_COMMAND_STDOUT: stdout }),
        ...(stderr && { PULUMI_COMMAND_STDERR: stderr }),
    };
}

/**
 * Runs a command to its end. As with the official plugin, a program that prints a line of 64 KiB and more to a stream that
 * is shown is read no further: it stands still, and so does this.
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
    const all: Buffer[] = [];
    const fail = (reason: string) => new Error(`${reason}: running ${quote(command)}:\n${Buffer.concat(all)}`);
    if (options.signal.aborted) {
        throw fail("context canceled");
    }
    const child = start(program, [...first, command], args, environmentOf(args, previous), fail);
    const kill = () => child.kill("SIGKILL");
    options.signal.addEventListener("abort", kill);
    const outputs = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const scanner = new LineScanner(options.line);
    const copy = async (stream: Readable, name: keyof CommandOutputs) => {
        const isShown = args.logging === name || args.logging === "stdoutAndStderr";
        // The next piece is read once the scanner has this one.
        for await (const chunk of stream as AsyncIterable<Buffer>) {
            outputs[name].push(chunk);
            all.push(chunk);
            if (isShown) {
                await scanner.write(chunk);
            }
        }
    };
    // A program may end, or never start, without reading its input.
    child.stdin.on("error", () => {});
    child.stdin.end(args.stdin ?? "");
    try {
        const exited = once(child, "exit").catch((error) => {
            throw fail(startFailure(error, program, args.dir));
        });
        const [[code, signal]] = await Promise.all([
            exited as Promise<[number | null, NodeJS.Signals | null]>,
            copy(child.stdout, "stdout"),
            copy(child.stderr, "stderr"),
        ]);
        scanner.end();
        if (code !== 0) {
            throw fail(exitFailure(code, signal));
        }
    } finally {
        options.signal.removeEventListener("abort", kill);
    }
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
    return { stdout: text(outputs.stdout), stderr: text(outputs.stderr) };
}

/** Starts the program. Node.js throws some failures to start, among them an environment that is too large. */
function start(
    program: string,
    args: string[],
    { dir: cwd }: CommandArguments,
    env: NodeJS.ProcessEnv,
    fail: (reason: string) => Error,
) {
    if (Object.values(env).some((value) => value?.includes("\0"))) {
        throw fail("exec: environment variable contains NUL");
    }
    try {
        return spawn(program, args, { cwd, env, windowsHide: true });
    } catch (error) {
        throw fail(startFailure(error as NodeJS.ErrnoException, program, cwd));
    }
}
