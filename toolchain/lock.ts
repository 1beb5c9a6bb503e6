import { mkdir, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How patient a lock is. Times are in milliseconds. */
export interface LockOptions {
    signal: AbortSignal;
    /** Called at each look while another process holds the lock, with how long that has been. */
    onWait?: (waited: number) => void;
    /** Time between two looks. Default 500. */
    interval?: number;
    /** A holder that has given no sign of life for so long is taken for dead. Default 30,000. */
    staleAfter?: number;
}

/**
 * Does some work while no other process does work under the same lock, which is a folder that its holder touches now
 * and then. It saves work and does not guard correctness: if a holder is taken for dead by mistake, two processes work
 * at once, and what they make must bear that.
 */
export async function withLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
    const { signal, onWait, interval = 500, staleAfter = 30_000 } = options;
    await mkdir(path.dirname(folder), { recursive: true });
    const start = Date.now();
    while (!(await take(folder))) {
        const touched = await lastTouched(folder);
        if (touched !== undefined && Date.now() - touched > staleAfter) {
            await rm(folder, { recursive: true, force: true });
        } else if (touched !== undefined) {
            onWait?.(Date.now() - start);
            await delay(interval, undefined, { signal });
        }
    }
    const heartbeat = setInterval(() => {
        const now = new Date();
        utimes(folder, now, now).catch(() => {});
    }, staleAfter / 6);
    try {
        return await work();
    } finally {
        clearInterval(heartbeat);
        await rm(folder, { recursive: true, force: true });
    }
}

async function take(folder: string): Promise<boolean> {
    try {
        await mkdir(folder);
        return true;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
            return false;
        }
        throw error;
    }
}

async function lastTouched(folder: string): Promise<number | undefined> {
    return stat(folder).then(
        (found) => found.mtimeMs,
        () => undefined,
    );
}
