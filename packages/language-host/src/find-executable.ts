import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, resolve } from "node:path";

/**
 * The first program of that name on a PATH, as an absolute path.
 *
 * @throws Error when there is none
 */
export async function findExecutable(name: string, path = ""): Promise<string> {
    const file = process.platform === "win32" ? `${name}.exe` : name;
    for (const folder of path.split(delimiter).filter((entry) => entry !== "")) {
        const candidate = resolve(folder, file);
        try {
            await access(candidate, constants.X_OK);
            return candidate;
        } catch {}
    }
    throw new Error(`could not find ${name} on the $PATH: executable file not found in $PATH`);
}
