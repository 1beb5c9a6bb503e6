import assert from "node:assert/strict";

/** Words that a user must read. */
export type Words =
    /** In the error. */
    | RegExp
    /** Before the `up` had come to its error. */
    | { earlier: RegExp }
    /** Nobody is left to say it, or nobody knows it, for this reason. */
    | { untold: string };

/** What the state holds: of each Command its generation, and how many operations are pending. */
export interface Kept<Generation = number> {
    intent: Generation;
    record: Generation;
    pending: number;
}

/** What an `up` that fails must tell, and must leave. All of it is to be said of each. */
export interface Told {
    /** What happened. */
    happened: Words;
    /** What state the cluster is in. */
    cluster: Words;
    /** What to do. */
    todo: Words;
    /** What the state holds then: "raised" is the generation that was asked for, "before" the last one. */
    state: Kept<"raised" | "before">;
}

/** A state in which the intent is saved, and nothing has come of it yet. */
export const asked = { intent: "raised", record: "before", pending: 0 } as const;

/** The state of before. */
export const notAsked = { intent: "before", record: "before", pending: 0 } as const;

/**
 * Holds what a user has read against what must be told.
 *
 * @param message the error
 * @param page all that was shown on the way
 * @returns what happened, in the words that were read
 * @throws AssertionError with the words that were missing
 */
export function assertTold({ happened, cluster, todo }: Told, message: string, page: string): string {
    const find = (what: string, words: Words): string => {
        if ("untold" in words) {
            return "";
        }
        const [pattern, text] = words instanceof RegExp ? [words, message] : [words.earlier, page];
        const [found] = pattern.exec(text) ?? assert.fail(`${what} is not told (${pattern}), but:\n${text}`);
        return found.replace(/\s+/g, " ").trim();
    };
    find("the state of the cluster", cluster);
    find("what to do", todo);
    return find("what happened", happened);
}
