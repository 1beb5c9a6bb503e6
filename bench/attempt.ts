import type { Progress } from "../toolchain/tool";

/** Does a part of something long, so that the rest is not lost where it fails; undefined then. */
export type Attempt = <T>(what: string, work: () => Promise<T>) => Promise<T | undefined>;

/**
 * @param leftOut where it is written what has failed, and why
 * @param over why nothing is begun any more, as soon as that is so
 */
export function attempts(
    progress: Progress,
    leftOut: string[],
    over: () => string | undefined = () => undefined,
): Attempt {
    return async (what, work) => {
        const reason = over();
        if (reason !== undefined) {
            leftOut.push(`${what}: ${reason}`);
            return undefined;
        }
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
