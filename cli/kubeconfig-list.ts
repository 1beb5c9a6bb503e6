import { homedir } from "node:os";
import { join } from "node:path";
import { type Config, configOf, findEntry, type List, lists, openText } from "./kubeconfig-document";
import { readIfThere } from "./text-file";

/** One of the files that make up a kubeconfig. Holds secrets. */
export interface KubeconfigFile {
    path: string;
    /** Undefined where there is no such file. */
    text: string | undefined;
}

/**
 * The files that make up the user's kubeconfig, in the order in which kubectl reads them: of two entries of one name, and of
 * two current contexts, the first one counts. They are those of `KUBECONFIG`, else `~/.kube/config`. Empty entries are left
 * out, and so is a file that was named before. On Windows quotation marks are taken away, and a semicolon between two of them
 * separates nothing; elsewhere they are part of the name.
 *
 * Source: client-go, `tools/clientcmd/loader.go` and Go's `filepath.SplitList`.
 *
 * @throws Error when `KUBECONFIG` has nothing but empty entries: kubectl has no kubeconfig then, and can write none
 */
export function kubeconfigFiles(
    env: Record<string, string | undefined>,
    platform: NodeJS.Platform = process.platform,
): string[] {
    if (!env.KUBECONFIG) {
        return [join(env.HOME || homedir(), ".kube", "config")];
    }
    const files = [...new Set(splitList(env.KUBECONFIG, platform).filter(Boolean))];
    if (files.length === 0) {
        throw new Error(`KUBECONFIG is "${env.KUBECONFIG}", which names no file. Name one, or unset it.`);
    }
    return files;
}

/** Reads the files of a kubeconfig. @throws Error that names the one that is there and cannot be read */
export function readKubeconfigFiles(paths: readonly string[]): Promise<KubeconfigFile[]> {
    return Promise.all(
        paths.map(async (path) => {
            try {
                return { path, text: await readIfThere(path) };
            } catch (error) {
                throw new Error(`The kubeconfig ${path} cannot be read: ${(error as Error).message}.`);
            }
        }),
    );
}

/**
 * The file that entries are merged into: the first one that has an entry of one of their names; else the first one that is
 * there; else the last one. `winner` is the file before it whose current context would count in place of its own.
 *
 * Source: client-go, `tools/clientcmd/config.go`, `ModifyConfig` and `GetDefaultFilename`.
 *
 * @param files at least one, in the order in which kubectl reads them
 * @throws Error that names a file that is no kubeconfig
 */
export function chooseFile(
    files: readonly KubeconfigFile[],
    names: Record<List, string[]>,
): { file: KubeconfigFile; winner: KubeconfigFile | undefined } {
    const configs = files.map(configIn);
    const hasEntry = (config: Config | undefined) =>
        config !== undefined &&
        lists.some((list) => names[list].some((name) => findEntry(config, list, name) !== undefined));
    const candidates = [configs.findIndex(hasEntry), configs.findIndex((config) => config !== undefined)];
    const index = candidates.find((at) => at >= 0) ?? files.length - 1;
    return {
        file: files[index] as KubeconfigFile,
        winner: files.slice(0, index).find((_, at) => Boolean(configs[at]?.["current-context"])),
    };
}

function configIn({ path, text }: KubeconfigFile): Config | undefined {
    try {
        return text === undefined ? undefined : configOf(openText(text).target);
    } catch (error) {
        throw new Error(`${path}: ${(error as Error).message}`);
    }
}

function splitList(list: string, platform: NodeJS.Platform): string[] {
    if (platform !== "win32") {
        return list.split(":");
    }
    return (list.match(/(?:"[^"]*(?:"|$)|[^;"])+/g) ?? []).map((entry) => entry.replaceAll('"', ""));
}
