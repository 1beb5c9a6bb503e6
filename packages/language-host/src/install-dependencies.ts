import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeOptions } from "./options";

/** Files by which the official host chooses another package manager than npm. */
const OTHER_LOCK_FILES = { yarn: "yarn.lock", pnpm: "pnpm-lock.yaml", bun: "bun.lock" };

/**
 * Installs a program's dependencies with npm.
 *
 * @param output takes what npm prints
 * @throws Error when npm fails or installs nothing, or the program asks for another package manager.
 */
export async function installDependencies(
    programDirectory: string,
    { packagemanager = "auto", production }: RuntimeOptions,
    output: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void },
): Promise<void> {
    const wanted =
        packagemanager === "auto"
            ? Object.entries(OTHER_LOCK_FILES).find(([, file]) => existsSync(join(programDirectory, file)))?.[0]
            : packagemanager;
    if (wanted !== undefined && wanted !== "npm") {
        throw new Error(`this language host installs with npm, not with ${wanted}`);
    }
    const args = ["install", "--loglevel=error", ...(production ? ["--production"] : [])];
    const npm = spawn("npm", args, {
        cwd: programDirectory,
        stdio: ["ignore", "pipe", "pipe"],
        shell: process.platform === "win32",
    });
    npm.stdout.on("data", output.stdout);
    npm.stderr.on("data", output.stderr);
    await new Promise<void>((resolve, reject) => {
        npm.once("error", reject);
        npm.once("close", (code, signal) =>
            code === 0
                ? resolve()
                : reject(new Error(`npm ${args.join(" ")} failed: ${signal ?? `exit status ${code}`}`)),
        );
    });
    if (!existsSync(join(programDirectory, "node_modules"))) {
        throw new Error("npm install reported success, but node_modules directory is missing");
    }
}
