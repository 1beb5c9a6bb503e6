import { Command, CommanderError } from "commander";
import { inert } from "../formats/printable";
import { version } from "../package.json";
import { addDoctor } from "./doctor";
import { unknownLine } from "./expiry-table";
import { addGetCredentials } from "./get-credentials";
import type { Io } from "./io";
import { addRecord } from "./record";
import { addStatus, statusUnknown } from "./status";
import { UsageError } from "./usage-error";

/**
 * Makes the command line.
 *
 * @param exit is given the exit code of a command that has ended well
 */
export function makeProgram(io: Io, exit: (code: number) => void): Command {
    const program = new Command("aks-certificate-rotation")
        .description("Looks after the certificates of Azure Kubernetes Service clusters.")
        .version(version)
        .configureHelp({ helpWidth: Math.min(io.columns ?? 110, 110) })
        .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
        .exitOverride()
        .hook("preAction", (_, command) => refuseEmpty(command));
    addStatus(program, io, exit);
    addGetCredentials(program, io);
    addRecord(program, io);
    addDoctor(program, io, exit);
    return program;
}

/** An option that is given without a value is a variable of a script that is not set. @throws UsageError that names it */
function refuseEmpty(command: Command): void {
    for (const option of command.options) {
        if (command.getOptionValue(option.attributeName()) === "") {
            throw new UsageError(`${option.long} is empty: give it a value, or leave it out.`);
        }
    }
}

/**
 * Runs one command line.
 *
 * @param argv the arguments, without Node.js and the program
 * @returns the exit code: 0 done, 1 an error, 2 wrong options; of `status` those of a monitoring plugin, of `doctor` its own
 */
export async function run(argv: string[], io: Io): Promise<number> {
    let exitCode = 0;
    const program = makeProgram(io, (code) => {
        exitCode = code;
    });
    const isStatus = argv.find((argument) => !argument.startsWith("-")) === "status";
    try {
        await program.parseAsync(argv, { from: "user" });
        return exitCode;
    } catch (error) {
        if (error instanceof CommanderError && error.exitCode === 0) {
            return 0;
        }
        const message = inert((error as Error).message);
        const isUsage = error instanceof UsageError || error instanceof CommanderError;
        if (isStatus && !wantsDocument(argv)) {
            io.out(`${unknownLine(message)}\n`);
        }
        if (!(error instanceof CommanderError)) {
            // Commander has reported its own errors already.
            io.err(`${message}\n${isUsage ? "See --help.\n" : ""}`);
        }
        return isStatus ? statusUnknown : isUsage ? 2 : 1;
    }
}

/** Whether the result is to be JSON or YAML, of which the first line of an error would be none. */
function wantsDocument(argv: readonly string[]): boolean {
    return argv.some((argument, i) =>
        /^(json|yaml)$/.test(
            /^(?:-o=?|--output=)(.+)$/.exec(argument)?.[1] ??
                (/^(-o|--output)$/.test(argv[i - 1] ?? "") ? argument : ""),
        ),
    );
}
