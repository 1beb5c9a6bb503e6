import { execFile } from "node:child_process";

/** What a program on PATH prints of its version; undefined where there is none, or it does not answer in 5 s. */
export function versionOf(program: string, args: string[]): Promise<string | undefined> {
    return new Promise((resolve) => {
        try {
            execFile(program, args, { timeout: 5000 }, (error, stdout) =>
                resolve(error === null ? stdout.trim() : undefined),
            );
        } catch {
            // Node.js throws some errors of a start at once, such as the ENOTDIR of a PATH that ends in a file.
            resolve(undefined);
        }
    });
}
