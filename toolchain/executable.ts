import { constants } from "node:fs";
import { access } from "node:fs/promises";
import path from "node:path";

/** Name of the executable file on a platform, e.g. `etcd.exe` on Windows. */
export function executableName(name: string, os: NodeJS.Platform): string {
    return os === "win32" ? `${name}.exe` : name;
}

/** Whether a file is there and may be run. */
export async function isExecutable(file: string): Promise<boolean> {
    return access(file, constants.X_OK).then(
        () => true,
        () => false,
    );
}

/** The first executable file of that name in the folders of a PATH, as an absolute path. */
export async function findOnPath(file: string, searchPath: string): Promise<string | undefined> {
    for (const folder of searchPath.split(path.delimiter).filter((entry) => entry !== "")) {
        const candidate = path.resolve(folder, file);
        if (await isExecutable(candidate)) {
            return candidate;
        }
    }
    return undefined;
}
