import { type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type ProgramInfo, type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { findExecutable } from "./find-executable";
import { parseOptions, type RuntimeOptions } from "./options";

/** Exit code of `cmd/run` after it has shown the user an error that needs no other message. */
const ALREADY_REPORTED = 32;

/** Time that an interrupted program has before it is killed, in milliseconds. */
const KILL_AFTER_MS = 5000;

/** What a program is run with. */
export interface ProgramContext {
    /** Address of the engine. */
    engine: string;
    /** Aborted when the engine cancels the run: the program is interrupted. */
    signal: AbortSignal;
    /** @default process.env */
    environment?: NodeJS.ProcessEnv;
    /** What receives the program's output. @default this process's own, which the engine shows */
    stdio?: SpawnOptions["stdio"];
}

/** Runs a program to its end by the `cmd/run` of the SDK that it has installed. Rejects nothing: errors are the response's. */
export async function runProgram(request: RunRequest, context: ProgramContext): Promise<RunResponse> {
    const { environment = process.env, signal } = context;
    try {
        const info = programInfo(request);
        const node = await findExecutable("node", environment.PATH);
        const runPath = environment.PULUMI_LANGUAGE_NODEJS_RUN_PATH || "@pulumi/pulumi/cmd/run";
        const run = locateModule(runPath, info.getProgramDirectory());
        const options = parseOptions(info.getOptions()?.toJavaScript() ?? {});
        if (request.getAttachDebugger()) {
            throw new Error("this language host attaches no debugger; install the official pulumi-language-nodejs");
        }
        const child = spawn(node, [...options.nodeargs, run, ...programArguments(request, context.engine)], {
            env: { ...environment, ...programEnvironment(request, options) },
            stdio: context.stdio ?? ["ignore", "inherit", "inherit"],
        });
        const interrupt = () => {
            child.kill("SIGINT");
            setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
        };
        signal.addEventListener("abort", interrupt);
        try {
            const exitCode = await new Promise<number>((resolve, reject) => {
                child.once("error", (error) =>
                    reject(new Error(`Problem executing program (could not run language executor): ${error.message}`)),
                );
                // One that a signal has ended has no exit code: the official host reports -1.
                child.once("exit", (code) => resolve(code ?? -1));
            });
            return responseTo(exitCode);
        } finally {
            signal.removeEventListener("abort", interrupt);
        }
    } catch (error) {
        return new RunResponse().setError((error as Error).message);
    }
}

/** The response to a program that has ended. */
export function responseTo(exitCode: number): RunResponse {
    switch (exitCode) {
        case 0:
            return new RunResponse();
        case ALREADY_REPORTED:
            return new RunResponse().setBail(true);
        default:
            return new RunResponse().setError(`Program exited with non-zero exit code: ${exitCode}`);
    }
}

/** The arguments of `cmd/run`. */
export function programArguments(request: RunRequest, engine: string): string[] {
    const info = programInfo(request);
    const flags = {
        monitor: request.getMonitorAddress(),
        engine,
        organization: request.getOrganization(),
        project: request.getProject(),
        "root-directory": info.getRootDirectory(),
        stack: request.getStack(),
        pwd: info.getProgramDirectory(),
    };
    return [
        ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
        ...(request.getDryrun() ? ["--dry-run"] : []),
        "--parallel",
        String(request.getParallel()),
        // The engine always names an entry point: "." where Pulumi.yaml names none.
        info.getEntryPoint(),
        ...request.getArgsList(),
    ];
}

/** The variables that hand a program its config and the way it is compiled. */
export function programEnvironment(request: RunRequest, options: RuntimeOptions): Record<string, string> {
    const config = request.getConfigMap().toArray() as [string, string][];
    return {
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config.map(([key, value]) => [configKey(key), value]))),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(options.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
    };
}

/** `project:name` in the form that SDKs of every version read: `project:config:name`. */
function configKey(key: string): string {
    const [, namespace, name] = /^([^:]+):(?:config:)?([^:]+)$/.exec(key) ?? [];
    if (namespace === undefined) {
        throw new Error(`failed to serialize configuration: could not parse ${key} as a configuration key`);
    }
    return `${namespace}:config:${name}`;
}

function programInfo(request: RunRequest): ProgramInfo {
    const info = request.getInfo();
    if (info === undefined) {
        throw new Error("the engine names no program to run");
    }
    return info;
}

function locateModule(name: string, programDirectory: string): string {
    try {
        return createRequire(join(programDirectory, "program.js")).resolve(name);
    } catch (error) {
        throw (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND"
            ? new Error("It looks like the Pulumi SDK has not been installed. Have you run pulumi install?")
            : error;
    }
}
