import type { Doing } from "./outside";

/** Sees something through that waits for promises, as an async function would. */
export async function drive<Result>(doing: Doing<Promise<unknown>, Result>): Promise<Result> {
    let next = doing.next();
    while (!next.done) {
        let value: unknown;
        try {
            value = await next.value;
        } catch (error) {
            next = doing.throw(error);
            continue;
        }
        next = doing.next(value);
    }
    return next.value;
}

/** Waits for a promise, in what `drive` sees through: as `await` does in an async function. */
export function* wait<Result>(promise: Promise<Result>): Doing<Promise<unknown>, Result> {
    // `drive` hands back what this very promise came to.
    return (yield promise) as Result;
}
