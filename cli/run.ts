import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { addGetCredentials } from "./get-credentials";
import type { Io } from "./io";
import { addStatus, statusUnknown } from "./status";
import { UsageError } from "./usage-error";

/**
 * Runs one command line.
 *
 * @param argv the arguments, without Node.js and the program
 * @returns the exit code: 0 done, 1 an error, 2 wrong options; of `status` those of a monitoring plugin
 */
export async function run(argv: string[], io: Io): Promise<number> {
    let exitCode = 0;
    const program = new Command("aks-certificate-rotation")
        .description("Looks after the certificates of Azure Kubernetes Service clusters.")
        .version(version)
        .configureHelp({ helpWidth: 110 })
        .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
        .exitOverride();
    addStatus(program, io, (code) => {
        exitCode = code;
    });
    addGetCredentials(program, io);
    const isStatus = argv.find((argument) => !argument.startsWith("-")) === "status";
    try {
        await program.parseAsync(argv, { from: "user" });
        return exitCode;
    } catch (error) {
        if (error instanceof CommanderError) {
            // It has told what is wrong itself.
            return error.exitCode === 0 ? 0 : isStatus ? statusUnknown : 2;
        }
        const isUsage = error instanceof UsageError;
        io.err(`${(error as Error).message}\n${isUsage ? "See --help.\n" : ""}`);
        return isStatus ? statusUnknown : isUsage ? 2 : 1;
    }
}
