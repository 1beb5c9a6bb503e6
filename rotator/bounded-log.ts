import { inert, shortened, withoutSecrets } from "../formats/printable";

/** How much one run may write to standard error, in bytes of UTF-8 with line breaks. */
export interface LogLimits {
    /** All of it. */
    total: number;
    /** One line. */
    line: number;
    /** What is kept free for the message of the error that ends the run. */
    error: number;
    /** What is kept free for notes on what was left out. */
    notes: number;
}

/**
 * The command plugin keeps standard error in the stack's state and puts it into one variable of the next update's
 * environment, where Linux takes 128 KiB and Windows 32 KiB; it reads lines of less than 64 KiB.
 */
export const LOG_LIMITS: LogLimits = { total: 16 * 1024, line: 2 * 1024, error: 6 * 1024, notes: 1024 };

/** How much of a text is looked at, in bytes. */
const MAX_INPUT_BYTES = 64 * 1024;

/** How many repeated lines are named at the end. */
const MAX_REPEATS_NAMED = 4;

/** What differs between two answers that say the same: ids and instants. */
const VARYING = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?/gi;

/**
 * The lines that a run writes to standard error. It is bounded, repeats no line, and holds nothing that a terminal or a
 * pipeline acts on. Where little room is left, progress is left out; the error that ends the run always fits.
 */
export class BoundedLog {
    #used = 0;
    #leftOut = 0;
    #isEnded = false;
    readonly #seen = new Map<string, { line: string; times: number }>();

    /**
     * @param write receives whole lines with their line breaks
     * @param secrets texts that must not be written
     */
    constructor(
        private readonly write: (text: string) => void,
        private readonly secrets: readonly string[] = [],
        private readonly limits: LogLimits = LOG_LIMITS,
    ) {}

    /** Writes a line of progress, unless it was written before or no room is left. */
    log(text: string): void {
        for (const line of this.#linesOf(text)) {
            this.#progress(shortened(line, this.limits.line - 1));
        }
    }

    /** Ends the log: notes on what was repeated or left out, and after them the message of an error, where there is one. */
    end(error?: string): void {
        if (this.#isEnded) {
            return;
        }
        this.#isEnded = true;
        const { total, line, error: reserved, notes } = this.limits;
        const room = Math.min(notes, total - reserved - this.#used);
        this.#put(fitting(this.#notes(), room, line - 1));
        if (error !== undefined) {
            this.#put(fitting(this.#linesOf(error), total - this.#used, line - 1));
        }
    }

    #linesOf(text: string): string[] {
        const some = shortened(text, MAX_INPUT_BYTES);
        return inert(withoutSecrets(some.replace(/\r\n?/g, "\n"), this.secrets))
            .replaceAll("\t", " ")
            .split("\n");
    }

    #progress(line: string): void {
        const key = line.replace(VARYING, "#");
        const seen = this.#seen.get(key);
        if (seen !== undefined) {
            seen.times++;
            return;
        }
        const { total, error, notes } = this.limits;
        if (this.#isEnded || this.#used + Buffer.byteLength(line) + 1 > total - error - notes) {
            this.#leftOut++;
            return;
        }
        this.#seen.set(key, { line, times: 1 });
        this.#put([line]);
    }

    #notes(): string[] {
        const repeated = [...this.#seen.values()].filter(({ times }) => times > 1).sort((a, b) => b.times - a.times);
        const named = repeated.slice(0, MAX_REPEATS_NAMED);
        const lines = named.map(({ line, times }) => `${times} times: ${shortened(line, 160)}`);
        if (repeated.length > named.length) {
            lines.push(`${repeated.length - named.length} more lines were repeated.`);
        }
        if (this.#leftOut > 0) {
            lines.push(
                `${this.#leftOut} more lines of progress are left out: a run writes ${this.limits.total} bytes at most.`,
            );
        }
        return lines;
    }

    #put(lines: readonly string[]): void {
        if (lines.length > 0) {
            const text = `${lines.join("\n")}\n`;
            this.#used += Buffer.byteLength(text);
            this.write(text);
        }
    }
}

/** The lines, where they are too many bytes each shortened further, and in the last resort without those in the middle. */
function fitting(lines: readonly string[], maxBytes: number, maxLineBytes: number): string[] {
    const size = (some: readonly string[]) => some.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    for (let limit = maxLineBytes; limit >= 256; limit = Math.floor(limit / 2)) {
        const short = lines.map((line) => shortened(line, limit));
        if (size(short) <= maxBytes) {
            return short;
        }
    }
    const kept = lines.map((line) => shortened(line, 256));
    while (kept.length > 0 && size(kept) > maxBytes) {
        kept.splice(Math.floor((kept.length * 2) / 3), 1);
    }
    return kept;
}
