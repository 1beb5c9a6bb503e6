import { constants } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Interrupted } from "./interrupts";
import { getControlPlane } from "./kubernetes";
import { MissingToolsError } from "./missing-tools";
import { getPulumi } from "./pulumi";
import type { Tool } from "./tool";

/** Ends with the exit code: 0, 1 if a tool is missing, 2 for a wrong argument, or 128 and more when interrupted. */
async function main(args: string[]): Promise<number> {
    try {
        parseArgs({ args, options: {} });
    } catch (error) {
        process.stderr.write(`${(error as Error).message}\nSee npm run toolchain -- --help.\n`);
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
