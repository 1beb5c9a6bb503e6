import { isProperties, type Properties, type Value } from "../protocol/values";

/** Which of a command's outputs the user sees while it runs. */
export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

/** The arguments of a Command, without any marking of secrets. */
export interface CommandArguments {
    create?: string;
    update?: string;
    delete?: string;
    /** The program and its first arguments; the command is added as the last one. Default: the system's shell. */
    interpreter: string[];
    dir?: string;
    environment: Record<string, string>;
    stdin?: string;
    logging: Logging;
    addPreviousOutputInEnv: boolean;
}

function text(value: Value | undefined): string | undefined {
    return typeof value === "string" ? value : undefined;
}

const shell = process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];

/** Reads the arguments from revealed properties. */
export function readArguments(properties: Properties): CommandArguments {
    const { interpreter, environment, logging, addPreviousOutputInEnv } = properties;
    const given = Array.isArray(interpreter) ? interpreter.map(String) : [];
    return {
        create: text(properties.create),
        update: text(properties.update),
        delete: text(properties.delete),
        interpreter: given.length > 0 ? given : shell,
        dir: text(properties.dir),
        environment: isProperties(environment)
            ? Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]))
            : {},
        stdin: text(properties.stdin),
        logging: (text(logging) as Logging | undefined) ?? "stdoutAndStderr",
        addPreviousOutputInEnv: addPreviousOutputInEnv !== false,
    };
}
