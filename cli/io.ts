/** What a command reads and writes: the process's own, or a test's. */
export interface Io {
    env: Record<string, string | undefined>;
    /** The result. */
    out(text: string): void;
    /** Progress, warnings, errors. */
    err(text: string): void;
    /** Whether `err` is a terminal, where a line can be written anew. */
    isTerminal: boolean;
    /** Width of the terminal that `out` writes to; undefined where that is no terminal. */
    columns?: number | undefined;
    /** Whether `out` is coloured. Default: false. */
    color?: boolean;
    /** All of standard input. */
    stdin(): Promise<string>;
    /** Milliseconds since 1970. */
    now(): number;
}
