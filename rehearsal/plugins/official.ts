import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findOnPath } from "../../toolchain/executable";
import type { Progress, Tool } from "../../toolchain/tool";

const run = promisify(execFile);

interface Listed {
    name: string;
    kind: string;
    version?: string;
}

/** The versions of each resource plugin that this pulumi has installed. */
export async function installedPlugins(pulumi: Tool): Promise<Map<string, string[]>> {
    const { stdout } = await run(pulumi.path, ["plugin", "ls", "--json"], { maxBuffer: 16 * 1024 * 1024 });
    const installed = new Map<string, string[]>();
    for (const { name, kind, version = "" } of JSON.parse(stdout) as Listed[]) {
        if (kind === "resource") {
            installed.set(name, [...(installed.get(name) ?? []), version]);
        }
    }
    return installed;
}

/** Whether there is a `pulumi-resource-<name>` on PATH, which the engine prefers to any it has installed. */
export async function isOnPath(name: string): Promise<boolean> {
    const platform = { os: process.platform, arch: process.arch };
    return (await findOnPath(`pulumi-resource-${name}`, { environment: process.env, platform })) !== undefined;
}

/**
 * Has pulumi install an official plugin.
 *
 * @throws Error with pulumi's own reason, and what to do.
 */
export async function installPlugin(pulumi: Tool, name: string, version: string, progress: Progress): Promise<void> {
    progress(`Installing the official plugin ${name} ${version} …`);
    try {
        await run(pulumi.path, ["plugin", "install", "resource", name, version]);
    } catch (error) {
        const { stderr = "", message } = error as Error & { stderr?: string };
        const reason = stderr.trim().split("\n").at(-1) || message;
        throw new Error(
            `REHEARSAL_PLUGINS=official asks for the official plugin ${name} ${version}, which is neither installed nor on PATH, and could not be installed: ${reason}. Install it where it can be had, or leave REHEARSAL_PLUGINS unset to use a stand-in.`,
        );
    }
}
