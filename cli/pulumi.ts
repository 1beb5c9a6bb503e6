import { execFile } from "node:child_process";

/** Where the pulumi command line is run. */
export interface PulumiProject {
    /** Folder of the Pulumi project. */
    cwd: string;
    env: NodeJS.ProcessEnv;
}

/** The pulumi command line is not on the PATH. */
export class NoPulumi extends Error {
    override readonly name = "NoPulumi";
}

/**
 * Runs the pulumi that is on the PATH.
 *
 * @param input what it reads on standard input
 * @returns what it has printed on standard output
 * @throws Error with pulumi's own words
 */
export function runPulumi(args: readonly string[], { cwd, env }: PulumiProject, input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
        const options = { cwd, env, maxBuffer: 1024 * 1024 * 1024 };
        const child = execFile("pulumi", [...args, "--non-interactive"], options, (error, stdout, stderr) => {
            if (error === null) {
                resolve(stdout);
            } else if (error.code === ("ENOENT" as unknown)) {
                reject(new NoPulumi(`There is no pulumi on the PATH, or no folder ${cwd}.`));
            } else {
                reject(new Error(`pulumi ${args.join(" ")} failed in ${cwd}: ${(stderr || error.message).trim()}`));
            }
        });
        // A pulumi that ends early does not read it, and says itself what is wrong.
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(input);
    });
}
