const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The user, or the system, asked this process to stop. */
export class Interrupted extends Error {
    override readonly name = "Interrupted";

    constructor(readonly signal: NodeJS.Signals) {
        super(`Interrupted by ${signal}.`);
    }
}

/**
 * Does some work that ends early when this process is asked to stop: the first SIGINT, SIGTERM or SIGHUP aborts the
 * signal that the work was given, and once the work has cleaned up, the promise rejects with `Interrupted`. A second
 * one does what it would have done without this.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const listeners = SIGNALS.map((name) => ({ name, stop: () => controller.abort(new Interrupted(name)) }));
    for (const { name, stop } of listeners) {
        process.once(name, stop);
    }
    try {
        return await work(controller.signal);
    } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
        for (const { name, stop } of listeners) {
            process.off(name, stop);
        }
    }
}
