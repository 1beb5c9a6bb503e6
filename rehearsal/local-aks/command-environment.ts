import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { findOnPath } from "../../toolchain/executable";

/**
 * The environment of a command in the local AKS: nothing of who runs it but where programs are, with a kubectl among
 * them.
 *
 * @param folder where the stand-in for kubectl is put if there is no kubectl
 * @param standIn whether it is put there all the same
 */
export async function commandEnvironment(folder: string, standIn: boolean): Promise<Record<string, string>> {
    const path = process.env.PATH ?? "";
    const host = { environment: process.env, platform: { os: process.platform, arch: process.arch } };
    if (!standIn && (await findOnPath("kubectl", host)) !== undefined) {
        return { PATH: path, HOME: folder, TMPDIR: folder };
    }
    const bin = join(folder, "bin");
    await mkdir(bin);
    const program = join(bin, "kubectl");
    const standInFile = join(__dirname, "kubectl.mjs");
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${standInFile}" "$@"\n`);
    await chmod(program, 0o755);
    return { PATH: `${bin}${delimiter}${path}`, HOME: folder, TMPDIR: folder };
}
