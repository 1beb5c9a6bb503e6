import { setTimeout as sleep } from "node:timers/promises";

/** The longest that a timer of Node.js waits; it takes a longer wait for one of 1 ms. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * Waits until this moment, as Date.now() has it; not at all if it is past.
 *
 * @param signal throws AbortError when it comes.
 * @param early ends the wait without an error when it comes. Default: nothing does.
 */
export async function pauseUntil(moment: number, signal: AbortSignal, early?: AbortSignal): Promise<void> {
    const either = early ? AbortSignal.any([signal, early]) : signal;
    for (let left = moment - Date.now(); left > 0 && !either.aborted; left = moment - Date.now()) {
        await sleep(Math.min(left, LONGEST_WAIT_MS), undefined, { signal: either }).catch(() => undefined);
    }
    signal.throwIfAborted();
}
