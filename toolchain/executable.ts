import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import type { Surroundings } from "./surroundings";

/** The part of the surroundings that says where programs are. */
type Host = Pick<Surroundings, "environment" | "platform">;

/** Name of the executable file on a platform, e.g. `etcd.exe` on Windows. */
export function executableName(name: string, os: NodeJS.Platform): string {
    return os === "win32" ? `${name}.exe` : name;
}

/** Whether there is a file, not a folder, that may be run. */
export async function isExecutable(file: string): Promise<boolean> {
    try {
        await access(file, constants.X_OK);
        return (await stat(file)).isFile();
    } catch {
        return false;
    }
}

/** The first executable of that name in the folders of an environment's PATH, as an absolute path. */
export async function findOnPath(name: string, { environment, platform }: Host): Promise<string | undefined> {
    const file = executableName(name, platform.os);
    // Windows writes it Path, and a copy of its environment tells the two apart.
    const searchPath = environment.PATH ?? environment.Path ?? "";
    for (const folder of searchPath.split(path.delimiter).filter((entry) => entry !== "")) {
        const candidate = path.resolve(folder, file);
        if (await isExecutable(candidate)) {
            return candidate;
        }
    }
    return undefined;
}
