import { setTimeout as sleep } from "node:timers/promises";
import { wait } from "./drive";
import type { Doing } from "./outside";

/** The clock of this process. */
export const monotonicClock = {
    /** Milliseconds since this process began. */
    now: (): number => performance.now(),
    *sleep(ms: number): Doing<Promise<unknown>, void> {
        yield* wait(sleep(Math.ceil(ms)));
    },
};
