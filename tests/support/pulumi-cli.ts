import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chooseLanguageHost } from "../../rehearsal/plugins/language-host";
import { engine } from "./tools";

const root = join(__dirname, "..", "..");

/** What a command line has come to. */
export interface CommandResult {
    /** Exit code; -1 for one that a signal has ended. */
    code: number;
    stdout: string;
    stderr: string;
    /** stdout and stderr in the order in which they came. */
    output: string;
}

/** A command line that runs. */
export interface RunningCommand {
    /** Of the shell, which is also its process group. */
    pid: number;
    /** What it has printed so far, stdout and stderr. */
    output(): string;
    /** Settles when it has ended; never rejects. */
    ended: Promise<CommandResult>;
}

/** What a project of the command line is opened with. */
export interface CliProjectOptions {
    /** Variables for the command line and all that it starts, such as the sign-in to the local AKS. */
    environment?: Record<string, string>;
    /** Files of the program's folder by relative path, besides or instead of those that it has by default. */
    files?: Record<string, string>;
    /**
     * Whether the folder gets a Pulumi.yaml (project "rehearsal", `main: index.ts`), a package.json, a tsconfig.json, and the checkout's
     * node_modules as a link. Programs import the component by {@link componentModule}. @default true
     */
    scaffold?: boolean;
}

/** What a program in a temporary folder imports to get the checkout's component, as text of a TypeScript string. */
export const componentModule = JSON.stringify(join(root, "components"));

/**
 * A Pulumi project in a temporary folder, for the real `pulumi` command line: the program runs in a process of its own,
 * started by a language host. Each project has a file backend, a PULUMI_HOME and a folder for temporary files of its own.
 */
export class CliProject implements AsyncDisposable {
    readonly #running = new Set<RunningCommand>();

    private constructor(
        /** Holds `program/`, `state/` (the file backend), `home/` (PULUMI_HOME) and `tmp/`. */
        readonly directory: string,
        /** All variables that a command line is run with. */
        readonly environment: Record<string, string>,
    ) {}

    /** Makes the folder, and gets the tools; reports which language host and which plugins are used. */
    static async open(options: CliProjectOptions = {}): Promise<CliProject> {
        const { environment = {}, files = {}, scaffold = true } = options;
        // What runs there resolves its own path, and would differ from a path through a link.
        const directory = await realpath(await mkdtemp(join(tmpdir(), "pulumi-cli-")));
        try {
            await Promise.all(["program", "state", "home", "tmp"].map((name) => mkdir(join(directory, name))));
            await linkInstalledPlugins(join(directory, "home"));
            const project = new CliProject(directory, { ...(await toolEnvironment(directory)), ...environment });
            if (scaffold) {
                await symlink(join(root, "node_modules"), join(project.folder, "node_modules"), "junction");
            }
            for (const [path, text] of Object.entries({ ...(scaffold && scaffolding), ...files })) {
                await mkdir(dirname(join(project.folder, path)), { recursive: true });
                await writeFile(join(project.folder, path), text);
            }
            return project;
        } catch (error) {
            await rm(directory, { recursive: true, force: true });
            throw error;
        }
    }

    /** The folder with Pulumi.yaml and the program, in which command lines are run. */
    get folder(): string {
        return join(this.directory, "program");
    }

    /** The state file of a stack, for readStateFile of state-file.ts. */
    stateFile(project = "rehearsal", stack = "dev"): string {
        return join(this.directory, "state", ".pulumi", "stacks", project, `${stack}.json`);
    }

    /** Starts a command line in a shell, e.g. `pulumi up --refresh`. Confirmations are given by themselves. */
    start(line: string, environment: Record<string, string> = {}): RunningCommand {
        const child = spawn(line, {
            cwd: this.folder,
            env: { ...this.environment, ...environment },
            shell: true,
            detached: process.platform !== "win32",
            stdio: ["ignore", "pipe", "pipe"],
        });
        const result: CommandResult = { code: -1, stdout: "", stderr: "", output: "" };
        for (const stream of ["stdout", "stderr"] as const) {
            child[stream].setEncoding("utf8").on("data", (text: string) => {
                result[stream] += text;
                result.output += text;
            });
        }
        const command: RunningCommand = {
            pid: child.pid ?? 0,
            output: () => result.output,
            ended: new Promise((resolve) => {
                child.once("error", (error) => resolve({ ...result, output: error.message }));
                child.once("close", (code) => resolve({ ...result, code: code ?? -1 }));
            }),
        };
        this.#running.add(command);
        command.ended.then(() => this.#running.delete(command));
        return command;
    }

    /** Runs a command line to its end, whatever it comes to. */
    async run(line: string, environment?: Record<string, string>): Promise<CommandResult> {
        return this.start(line, environment).ended;
    }

    /**
     * Runs a command line that has to succeed.
     *
     * @throws Error with all that it has printed when its exit code is not 0
     */
    async succeed(line: string, environment?: Record<string, string>): Promise<CommandResult> {
        const result = await this.run(line, environment);
        if (result.code !== 0) {
            throw new Error(`${line}\nexited with ${result.code}:\n${result.output}`);
        }
        return result;
    }

    /** Kills what still runs, and removes the folder. Resources that the stacks have made stay. */
    async [Symbol.asyncDispose](): Promise<void> {
        for (const { pid, ended } of this.#running) {
            try {
                process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
            } catch {}
            await ended;
        }
        await rm(this.directory, { recursive: true, force: true, maxRetries: 10 });
    }
}

const scaffolding = {
    "package.json": JSON.stringify({ name: "rehearsal", private: true }),
    "Pulumi.yaml": "name: rehearsal\nruntime: nodejs\nmain: index.ts\n",
    "tsconfig.json": JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["index.ts"] }),
};

/** The variables by which the command line finds its tools, and nothing of this machine's user. */
async function toolEnvironment(directory: string): Promise<Record<string, string>> {
    const { pulumi, plugins } = await engine();
    const host = await chooseLanguageHost(pulumi, console.log);
    const inherited = Object.entries(process.env).filter(
        ([name, value]) =>
            value !== undefined && !/^((ARM|AZURE|AKS_ROTATION|PULUMI|TS_NODE)_|NODE_(OPTIONS|PATH)$)/.test(name),
    );
    const folders = [
        dirname(process.execPath),
        dirname(pulumi.path),
        host.folder,
        ...plugins.map(({ folder }) => folder),
        process.env.PATH,
    ];
    return {
        ...Object.fromEntries(inherited),
        PATH: folders.filter((folder) => folder !== undefined).join(delimiter),
        PULUMI_BACKEND_URL: pathToFileURL(join(directory, "state")).href,
        PULUMI_CONFIG_PASSPHRASE: "the state of a test is thrown away",
        PULUMI_HOME: join(directory, "home"),
        PULUMI_SKIP_CONFIRMATIONS: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        TMPDIR: join(directory, "tmp"),
    };
}

/** Official plugins that are installed are found in another PULUMI_HOME too. */
async function linkInstalledPlugins(home: string): Promise<void> {
    const installed = join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins");
    if (existsSync(installed)) {
        await symlink(installed, join(home, "plugins"), "junction");
    }
}
