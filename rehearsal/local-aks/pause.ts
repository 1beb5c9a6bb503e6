import { setTimeout as sleep } from "node:timers/promises";

/** Waits until this moment, as Date.now() has it; not at all if it is past. Throws AbortError when the signal comes. */
export async function pauseUntil(moment: number, signal: AbortSignal): Promise<void> {
    const wait = moment - Date.now();
    if (wait > 0) {
        await sleep(wait, undefined, { signal });
    }
    signal.throwIfAborted();
}
