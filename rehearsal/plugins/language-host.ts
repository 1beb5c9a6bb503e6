import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/package.json";
import { executableName, findOnPath, isExecutable } from "../../toolchain/executable";
import type { Progress, Tool } from "../../toolchain/tool";
import { standInFolder } from "./stand-in";

const PROGRAM = "pulumi-language-nodejs";

/** The program by which the `pulumi` command line runs programs in TypeScript. */
export interface LanguageHost {
    official: boolean;
    /** Folder to put on PATH; undefined where the engine finds the host by itself. */
    folder?: string;
}

/**
 * Chooses the official host where it is on PATH or beside pulumi itself, which are the places that the engine looks in;
 * else the one of packages/language-host. Reports which.
 *
 * @throws Error if the latter has not been bundled.
 */
export async function chooseLanguageHost(pulumi: Tool, progress: Progress): Promise<LanguageHost> {
    const platform = { os: process.platform, arch: process.arch };
    const onPath = await findOnPath(PROGRAM, { environment: process.env, platform });
    const beside = join(dirname(await realpath(pulumi.path)), executableName(PROGRAM, process.platform));
    const found = onPath ?? ((await isExecutable(beside)) ? beside : undefined);
    if (found !== undefined) {
        progress(`Language host for Node.js: the official one, ${found}`);
        return { official: true };
    }
    progress(`Language host for Node.js: the small one of packages/language-host, ${sdkVersion}`);
    return { official: false, folder: await standInFolder("language-nodejs", PROGRAM) };
}
