import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import type { Tool } from "../toolchain/tool";
import type { Plugin } from "./plugins/choose";

/** What a project of a rehearsal consists of. */
export interface ProjectOptions {
    /** Name of the Pulumi project. Default: "rehearsal". */
    name?: string;
    pulumi: Tool;
    plugins: Plugin[];
    /** Variables for the engine and all that it starts, such as the sign-in to the local AKS. */
    environment: Record<string, string>;
    program: PulumiFn;
    /** A project whose file backend it shares, so that its stack can refer to the other's. Default: a backend of its own. */
    beside?: Pick<Project, "directory">;
}

/** A Pulumi project in a folder of its own, with one stack in a file backend of its own. */
export interface Project extends AsyncDisposable {
    stack: Stack;
    /** The project's folder: the state is in `state/` under it, what a run writes to temporary files in `tmp/`. */
    directory: string;
    /** Removes the folder, and with it the state: destroy the stack first where that matters. */
    close(): Promise<void>;
}

const root = join(__dirname, "..");

/**
 * Makes a project whose program is a function of this process, on the real engine. The process changes into the
 * project's folder while the program runs, as `pulumi up` does: paths in the state are relative to it.
 */
export async function openProject(options: ProjectOptions): Promise<Project> {
    const { name = "rehearsal" } = options;
    const base = join(root, ".rehearsal");
    await mkdir(base, { recursive: true });
    const directory = await mkdtemp(join(base, "project-"));
    const before = process.cwd();
    const onExit = () => rmSync(directory, { recursive: true, force: true });
    process.once("exit", onExit);
    const close = async () => {
        process.off("exit", onExit);
        process.chdir(before);
        await rm(directory, { recursive: true, force: true });
    };
    const settings = {
        name,
        runtime: "nodejs",
        backend: { url: pathToFileURL(join(options.beside?.directory ?? directory, "state")).href },
        plugins: {
            providers: options.plugins.flatMap(({ name, folder }) =>
                folder === undefined ? [] : [{ name, path: folder }],
            ),
        },
    };
    try {
        await Promise.all(["state", "tmp"].map((folder) => mkdir(join(directory, folder))));
        await writeFile(join(directory, "Pulumi.yaml"), stringify(settings));
        const stack = await openStack(directory, options, "create");
        return { stack, directory, close, [Symbol.asyncDispose]: close };
    } catch (error) {
        await close();
        throw error;
    }
}

/** Makes the stack of a project that has its folder already, or opens it in another process than made it. */
export async function openStack(
    directory: string,
    { name = "rehearsal", pulumi, environment, program }: Omit<ProjectOptions, "plugins" | "beside">,
    how: "create" | "select",
): Promise<Stack> {
    const inFolder: PulumiFn = () => {
        process.chdir(directory);
        return program();
    };
    const stack = { stackName: "dev", projectName: name, program: inFolder };
    const settings = {
        workDir: directory,
        pulumiCommand: await engine(pulumi, directory),
        envVars: {
            ...withoutAzure(),
            PULUMI_CONFIG_PASSPHRASE: "a rehearsal's state is thrown away",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            TMPDIR: join(directory, "tmp"),
            ...environment,
        },
    };
    return how === "create" ? LocalWorkspace.createStack(stack, settings) : LocalWorkspace.selectStack(stack, settings);
}

/** The Automation API takes an installation's root, with `bin/pulumi` in it. */
async function engine({ path }: Tool, directory: string): Promise<PulumiCommand> {
    const bin = join(directory, "engine", "bin");
    const program = join(bin, "pulumi");
    if (!existsSync(program)) {
        await mkdir(bin, { recursive: true });
        await symlink(path, program);
    }
    return PulumiCommand.get({ root: join(directory, "engine") });
}

/** Empties every variable by which this process could sign in to the real Azure. */
function withoutAzure(): Record<string, string> {
    const names = Object.keys(process.env).filter((name) => /^(ARM|AZURE|AKS_ROTATION)_/.test(name));
    return Object.fromEntries(names.map((name) => [name, ""]));
}
