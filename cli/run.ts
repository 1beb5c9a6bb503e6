import { Command, CommanderError } from "commander";
import { inert } from "../formats/printable";
import { version } from "../package.json";
import { addDoctor } from "./doctor";
import { addGetCredentials } from "./get-credentials";
import type { Io } from "./io";
import { addStatus, statusUnknown } from "./status";
import { UsageError } from "./usage-error";

/**
 * Runs one command line.
 *
 * @param argv the arguments, without Node.js and the program
 * @returns the exit code: 0 done, 1 an error, 2 wrong options; of `status` those of a monitoring plugin, of `doctor` its own
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
    addDoctor(program, io, (code) => {
        exitCode = code;
    });
    const command = argv.find((argument) => !argument.startsWith("-"));
    const isStatus = command === "status";
    // 2 is what doctor says of a blocker.
    const wrongOptions = command === "doctor" ? 1 : 2;
    try {
        await program.parseAsync(argv, { from: "user" });
        return exitCode;
    } catch (error) {
        if (error instanceof CommanderError) {
            // It has told what is wrong itself.
            return error.exitCode === 0 ? 0 : isStatus ? statusUnknown : wrongOptions;
        }
        const isUsage = error instanceof UsageError;
        io.err(`${inert((error as Error).message)}\n${isUsage ? "See --help.\n" : ""}`);
        return isStatus ? statusUnknown : isUsage ? wrongOptions : 1;
    }
}
