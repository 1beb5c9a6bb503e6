import type { Progress, Tool } from "../../toolchain/tool";
import { installedPlugins, installPlugin, isOnPath } from "./official";
import { standInFolder } from "./stand-in";

/** A plugin that a rehearsal uses. */
export interface Plugin {
    name: "kubernetes" | "command" | "azure-native";
    /** For example `1.2.1`. */
    version: string;
    official: boolean;
    /** Absolute path of the folder with the executable; undefined where the engine finds the plugin by itself. */
    folder?: string;
}

/** Which plugins a rehearsal is to use. */
export type Mode = "official" | "stand-in";

/** The versions that this project's SDKs ask for, which the stand-ins say they are. */
const versions = { kubernetes: "4.34.2", command: "1.2.1", "azure-native": "3.28.0" } as const;

function modeOf(text: string | undefined): Mode | undefined {
    if (!text) {
        return undefined;
    }
    if (text !== "official" && text !== "stand-in") {
        throw new Error(`REHEARSAL_PLUGINS is "${text}"; it can be "official", "stand-in", or unset.`);
    }
    return text;
}

async function standIn(name: Plugin["name"]): Promise<Plugin> {
    return { name, version: versions[name], official: false, folder: await standInFolder(name) };
}

async function official(name: Plugin["name"], pulumi: Tool): Promise<Plugin | undefined> {
    const installed = (await installedPlugins(pulumi)).get(name);
    if (await isOnPath(name)) {
        return { name, version: installed?.version ?? versions[name], official: true };
    }
    return installed?.version === versions[name] ? { name, version: installed.version, official: true } : undefined;
}

async function chooseOne(
    name: "kubernetes" | "command",
    pulumi: Tool,
    mode: Mode | undefined,
    progress: Progress,
): Promise<Plugin> {
    const found = mode === "stand-in" ? undefined : await official(name, pulumi);
    if (found) {
        return found;
    }
    if (mode === "official") {
        await installPlugin(pulumi, name, versions[name], progress);
        return { name, version: versions[name], official: true };
    }
    return await standIn(name);
}

/**
 * Chooses the plugins of a rehearsal: the official kubernetes and command plugins where they are installed or on PATH,
 * else stand-ins; azure-native is always a stand-in, since it answers from the local AKS.
 *
 * @param options.mode `official` insists on the official ones and has them installed if need be, `stand-in` avoids them.
 * Default: REHEARSAL_PLUGINS.
 * @throws Error if the official plugins are insisted on, but cannot be had.
 */
export async function choosePlugins(options: { pulumi: Tool; mode?: Mode; progress: Progress }): Promise<Plugin[]> {
    const { pulumi, progress } = options;
    const mode = options.mode ?? modeOf(process.env.REHEARSAL_PLUGINS);
    const plugins = [
        await chooseOne("kubernetes", pulumi, mode, progress),
        await chooseOne("command", pulumi, mode, progress),
        await standIn("azure-native"),
    ];
    for (const { name, official, version } of plugins) {
        progress(`Plugin ${name} ${version}: ${official ? "the official one" : "a stand-in"}`);
    }
    return plugins;
}
