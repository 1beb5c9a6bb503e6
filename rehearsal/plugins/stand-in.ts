import { existsSync } from "node:fs";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const bundles = resolve(__dirname, "..", "..", "dist", "plugins");
const folders = resolve(__dirname, "..", "..", ".rehearsal", "plugins");

const windows = process.platform === "win32";

/** Text that runs `bundle` with this Node.js: a shell script, or a batch file on Windows. */
function launcher(bundle: string): string {
    return windows
        ? `@echo off\r\n"${process.execPath}" "${bundle}" %*\r\n`
        : `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`;
}

/**
 * Writes the folder that the engine loads a stand-in from, with an executable `pulumi-resource-<name>` in it.
 *
 * @param program name of the executable, where it is no resource plugin
 * @returns The folder's absolute path.
 * @throws Error if the stand-ins have not been bundled.
 */
export async function standInFolder(name: string, program = `pulumi-resource-${name}`): Promise<string> {
    const bundle = join(bundles, `${name}.js`);
    if (!existsSync(bundle)) {
        throw new Error(`${bundle} is missing. Run \`npm run build\`.`);
    }
    const folder = join(folders, name);
    await mkdir(folder, { recursive: true });
    const executable = join(folder, `${program}${windows ? ".cmd" : ""}`);
    // Others may be starting it from the same checkout right now: they see the old text or the new one, never half.
    const unfinished = `${executable}.${process.pid}`;
    await writeFile(unfinished, launcher(bundle));
    await chmod(unfinished, 0o755);
    await rename(unfinished, executable);
    return folder;
}
