import type { Io } from "./io";

const quietMs = 700;

/**
 * Does something, and says on standard error what is waited for where that takes a moment.
 *
 * @param what such as "Azure's list of clusters"
 */
export async function reportWaiting<T>(io: Pick<Io, "err">, what: string, act: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => io.err(`Waiting for ${what} …\n`), quietMs);
    try {
        return await act();
    } finally {
        clearTimeout(timer);
    }
}
