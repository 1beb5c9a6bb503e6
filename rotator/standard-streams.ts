import { closeSync, fchmodSync, fstatSync, openSync, writeSync } from "node:fs";
import { BoundedLog } from "./bounded-log";
import { LOG_FILE_VARIABLE } from "./safe-environment";

/** Variables whose values are secrets; HTTPS_PROXY and its kind hold one in part, which the log recognises. */
const SECRET_VARIABLES = /(SECRET|PASSWORD|PASSPHRASE|TOKEN|_KEY|IDENTITY_HEADER)$/i;

/** A shorter value is no secret worth the name, and could be part of any word. */
const MIN_SECRET_LENGTH = 8;

type Write = (text: string, written?: () => void) => boolean;

/** Standard output and standard error of this process, which nothing else can write to once this is made. */
export class StandardStreams {
    /** Standard error. */
    readonly log: BoundedLog;
    readonly #write: Write;
    readonly #writeError: Write;
    /** Receives what others write to either stream. */
    #others: (chunk: string | Uint8Array) => void = () => {};

    /**
     * Takes both streams: what Node.js and libraries write to them goes nowhere. A stream whose reader is gone ends the
     * process.
     *
     * @param env the environment: its secrets are never written
     */
    constructor(env: Record<string, string | undefined>) {
        this.#write = this.#take(process.stdout);
        this.#writeError = this.#take(process.stderr);
        // Node.js writes warnings past its streams; those of libraries can quote what they were given.
        process.removeAllListeners("warning");
        process.on("warning", ({ name, message }) => this.#others(`${name}: ${message}\n`));
        const secrets = Object.entries(env).flatMap(([name, value]) =>
            SECRET_VARIABLES.test(name) && value !== undefined && value.length >= MIN_SECRET_LENGTH ? [value] : [],
        );
        this.log = new BoundedLog((text) => this.#writeError(text), secrets);
    }

    /**
     * Sends what others write to a file, which only this user can read.
     *
     * @throws Error when it cannot be written, or is no file
     */
    keepOthersIn(path: string): void {
        this.#others = openLogFile(path);
    }

    /** Ends the process with a result on standard output. */
    succeed(text: string): void {
        this.log.end();
        this.#write(text, () => this.#writeError("", () => process.exit(0)));
    }

    /** Ends the process with the message of an error, once it is written. */
    fail(message: string): void {
        this.log.end(message);
        this.#writeError("", () => process.exit(1));
    }

    /** Ends the process with the message of an error at once: nothing else is done, even where the message is lost. */
    abort(message: string, code = 1): never {
        this.log.end(message);
        process.exit(code);
    }

    #take(stream: NodeJS.WriteStream): Write {
        // A plugin can have ended before this process looked for its parent; its pipes report it.
        stream.on("error", () => process.exit(1));
        const write = stream.write.bind(stream) as Write;
        stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
            this.#others(chunk);
            const written = rest.find((argument) => typeof argument === "function");
            if (written !== undefined) {
                process.nextTick(written as () => void);
            }
            return true;
        };
        return write;
    }
}
/**
 * Opens a log file for this user alone.
 *
 * @throws Error when it cannot be written, or is no file
 */
function openLogFile(path: string): (chunk: string | Uint8Array) => void {
    const fail = (reason: string) => new Error(`${LOG_FILE_VARIABLE} is "${path}", but ${reason}.`);
    let descriptor: number;
    try {
        descriptor = openSync(path, "a", 0o600);
    } catch (error) {
        throw fail(`that file cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    if (!fstatSync(descriptor).isFile()) {
        closeSync(descriptor);
        throw fail("must name a file");
    }
    fchmodSync(descriptor, 0o600);
    return (chunk) => {
        try {
            writeSync(descriptor, chunk as string);
        } catch {
            // A full disk must not end a rotation.
        }
    };
}
