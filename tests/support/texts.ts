import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The text of every file under a folder.
 *
 * @param without names of what is left out of the folder itself
 * @param since milliseconds since 1970: files that have not been written since then are left out
 */
export async function textsUnder(
    folder: string,
    { without = [], since = 0 }: { without?: readonly string[]; since?: number } = {},
): Promise<string> {
    // What is deleted meanwhile, by a process that goes on, has nothing to be searched.
    const orGone = <T>(gone: T) => {
        return (error: NodeJS.ErrnoException): T => {
            if (error.code === "ENOENT") {
                return gone;
            }
            throw error;
        };
    };
    const entries = await readdir(folder, { withFileTypes: true }).catch(orGone([]));
    const texts = entries
        .filter(({ name }) => !without.includes(name))
        .map(async (entry) => {
            const path = join(folder, entry.name);
            if (entry.isDirectory()) {
                return textsUnder(path, { since });
            }
            const written = entry.isFile() ? await stat(path).then(({ mtimeMs }) => mtimeMs, orGone(0)) : 0;
            return written > since ? readFile(path, "utf8").catch(orGone("")) : "";
        });
    return (await Promise.all(texts)).filter((text) => text !== "").join("\n");
}
