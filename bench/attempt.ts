import type { Progress } from "../toolchain/tool";

/** Does a part of something long, so that the rest is not lost where it fails; undefined then. */
export type Attempt = <T>(what: string, work: () => Promise<T>) => Promise<T | undefined>;

/** @param leftOut where it is written what has failed, and why */
export function attempts(progress: Progress, leftOut: string[]): Attempt {
    return async (what, work) => {
        progress(what);
        try {
            return await work();
        } catch (error) {
            const [reason] = String(error instanceof Error ? error.message : error).split("\n");
            progress(`Not measured: ${reason}`);
            leftOut.push(`${what}: ${reason}`);
            return undefined;
        }
    };
}
