import { constants } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Interrupted } from "./interrupts";
import { getControlPlane } from "./kubernetes";
import { MissingToolsError } from "./missing-tools";
import { getPulumi } from "./pulumi";
import { cacheFolder } from "./surroundings";
import type { Tool } from "./tool";

const HELP = `Gets the programs that the rehearsal and the tests run: pulumi, etcd, kube-apiserver and
kube-controller-manager. Each comes from the first of these that works: KUBEBUILDER_ASSETS (not pulumi), PATH, the
cache, the official download, go build. What is downloaded or built is kept in the cache.

Usage: npm run toolchain [-- --help]

Prints a table of what was got and where it is, and its progress on stderr. Exits with 1 if a tool could not be got.

Environment:
  AKS_ROTATION_CACHE   folder of the cache, now ${cacheFolder(process.env)}
  KUBEBUILDER_ASSETS   folder with programs of yours, such as setup-envtest makes; those that it lacks are got as above
`;

/** Ends with the exit code: 0, 1 if a tool is missing, 2 for a wrong argument, or 128 and more when interrupted. */
async function main(args: string[]): Promise<number> {
    try {
        if (parseArgs({ args, options: { help: { type: "boolean", short: "h" } } }).values.help) {
            process.stdout.write(HELP);
            return 0;
        }
    } catch (error) {
        process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
        return 2;
    }
    const progress = (line: string) => process.stderr.write(`${line}\n`);
    const tools: Tool[] = [];
    const missing: string[] = [];
    const attempts = [
        async () => [await getPulumi(progress)],
        async () => Object.values(await getControlPlane(progress)),
    ];
    for (const attempt of attempts) {
        try {
            tools.push(...(await attempt()));
        } catch (error) {
            if (error instanceof Interrupted) {
                progress(error.message);
                return 128 + (constants.signals[error.signal] ?? 0);
            }
            if (!(error instanceof MissingToolsError)) {
                throw error;
            }
            missing.push(error.message);
        }
    }
    if (tools.length > 0) {
        process.stdout.write(table(tools));
    }
    for (const message of missing) {
        process.stderr.write(`\n${message}\n`);
    }
    return missing.length === 0 ? 0 : 1;
}

function table(tools: readonly Tool[]): string {
    const rows = new Table({
        head: ["tool", "version", "source", "path"],
        style: { head: [], border: [], compact: true },
    });
    rows.push(...tools.map(({ name, version, source, path }) => [name, version, source, path]));
    return `${rows.toString()}\n`;
}

main(process.argv.slice(2)).then(
    (exitCode) => {
        process.exitCode = exitCode;
    },
    (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
        process.exitCode = 1;
    },
);
