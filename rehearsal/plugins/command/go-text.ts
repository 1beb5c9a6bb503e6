/** Error texts as Go's standard library words them, since that is what users of the official plugin see. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const escapes: Record<string, string> = {
    "\x07": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
};

function escaped(character: string): string {
    const code = character.charCodeAt(0);
    const invisible = code < 0x20 || code === 0x7f;
    return escapes[character] ?? (invisible ? `\\x${code.toString(16).padStart(2, "0")}` : character);
}

/** Quotes text as Go's `%q` does. */
export function quote(text: string): string {
    return `"${Array.from(text, escaped).join("")}"`;
}

const systemErrors: Record<string, string> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    ENOEXEC: "exec format error",
    E2BIG: "argument list too long",
    ENOTDIR: "not a directory",
    EMFILE: "too many open files",
};

/** Why a program could not be started. */
export function startFailure(error: NodeJS.ErrnoException, program: string, dir: string | undefined): string {
    const reason = systemErrors[error.code ?? ""] ?? error.message;
    if (dir !== undefined && !existsSync(dir)) {
        return `chdir ${dir}: ${systemErrors.ENOENT}`;
    }
    if (!/[\\/]/.test(program) && error.code === "ENOENT") {
        return `exec: ${quote(program)}: executable file not found in ${process.platform === "win32" ? "%PATH%" : "$PATH"}`;
    }
    return `fork/exec ${resolved(program)}: ${reason}`;
}

/** A program's path, where it is named without one. */
function resolved(program: string): string {
    if (/[\\/]/.test(program)) {
        return program;
    }
    const folders = process.env.PATH?.split(delimiter) ?? [];
    return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? program;
}

const signals: Partial<Record<NodeJS.Signals, string>> = {
    SIGKILL: "killed",
    SIGTERM: "terminated",
    SIGINT: "interrupt",
    SIGHUP: "hangup",
    SIGQUIT: "quit",
    SIGSEGV: "segmentation fault",
    SIGABRT: "aborted",
    SIGPIPE: "broken pipe",
};

/** How a program ended that did not succeed. */
export function exitFailure(code: number | null, signal: NodeJS.Signals | null): string {
    return signal ? `signal: ${signals[signal] ?? signal.slice(3).toLowerCase()}` : `exit status ${code}`;
}
