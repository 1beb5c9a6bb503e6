import type { Io } from "./io";

const quietMs = 2_000;

/**
 * Tells how many of many are done: on a terminal one line that counts, elsewhere a line every two seconds. Nothing for
 * what takes less.
 *
 * @param what such as "clusters"
 * @returns to be called for each one that is done, and at the end
 */
export function countProgress(io: Pick<Io, "err" | "isTerminal" | "now">, what: string, total: number) {
    let done = 0;
    let toldAt = io.now();
    let isShown = false;
    return {
        one(): void {
            done += 1;
            const now = io.now();
            // A line that counts is begun after two seconds, and then kept up to date.
            if (now - toldAt < (io.isTerminal && isShown ? 100 : quietMs)) {
                return;
            }
            toldAt = now;
            isShown = true;
            const line = `${done} of ${total} ${what}`;
            io.err(io.isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
        },
        end(): void {
            if (isShown && io.isTerminal) {
                io.err("\r\u001b[K");
            }
        },
    };
}
