import type { Progress, Tool } from "../../toolchain/tool";
import { installedPlugins, installPlugin, isOnPath } from "./official";
import { standInFolder } from "./stand-in";
import { versions } from "./versions";

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

/** What the engine would find by itself, asked for once and only if need be. */
function finder(pulumi: Tool): (name: Plugin["name"]) => Promise<Plugin | undefined> {
    let installed: Promise<Map<string, string[]>> | undefined;
    return async (name) => {
        const version = versions[name];
        if (await isOnPath(name)) {
            return { name, version, official: true };
        }
        installed ??= installedPlugins(pulumi);
        // The engine takes the very version that the SDK asks for, and no other.
        return (await installed).get(name)?.includes(version) ? { name, version, official: true } : undefined;
    };
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
    const find = mode === "stand-in" ? async () => undefined : finder(pulumi);
    const plugins: Plugin[] = [];
    for (const name of ["kubernetes", "command"] as const) {
        const found = await find(name);
        if (!found && mode === "official") {
            await installPlugin(pulumi, name, versions[name], progress);
            plugins.push({ name, version: versions[name], official: true });
        } else {
            plugins.push(found ?? (await standIn(name)));
        }
    }
    plugins.push(await standIn("azure-native"));
    for (const { name, official, version } of plugins) {
        progress(`Plugin ${name} ${version}: ${official ? "the official one" : "a stand-in"}`);
    }
    return plugins;
}
