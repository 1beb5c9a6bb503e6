/**
 * Waits for something no longer than a signal allows. Not everything that takes a signal heeds it: a sign-in library
 * that waits for a host which never answers goes on waiting.
 *
 * @throws the signal's reason, a TimeoutError where it is of `AbortSignal.timeout`
 */
async function inTime<T>(act: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    let abort = () => {};
    const late = new Promise<never>((_, reject) => {
        abort = () => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
    });
    try {
        return await Promise.race([act(signal), late]);
    } finally {
        signal.removeEventListener("abort", abort);
    }
}

/**
 * Waits for something no longer than `ms` milliseconds. Keeps the process alive meanwhile, as `AbortSignal.timeout`
 * does not: a program that waits in vain must come to its error.
 *
 * @throws TimeoutError
 */
export async function within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("no answer in time", "TimeoutError")), Math.ceil(ms));
    try {
        return await inTime(act, late.signal);
    } finally {
        clearTimeout(timer);
    }
}
