import type { Source, Tool } from "./tool";

/** There is nothing that could work: a tool is not installed, not cached, or not released for this platform. */
export class NotThere extends Error {
    override readonly name = "NotThere";
}

/** One way to get a tool. */
export interface Way {
    source: Source;
    /** What is tried, in words for an error message, e.g. `go build go.etcd.io/etcd/server/v3`. */
    what: string;
    /** Gets the tool, or rejects with a sentence that says why not. */
    get(): Promise<Tool>;
}

/** A way that did not work. */
export interface Refusal {
    source: Source;
    what: string;
    /** Why, in words, without a full stop. */
    why: string;
    /** True if there was nothing to try, which is no news; false if something was there and did not work. */
    absent: boolean;
}

/** A tool, if a way worked, and the ways before it that did not. */
export interface Outcome {
    tool: Tool | undefined;
    refusals: Refusal[];
}

/**
 * Tries the ways one after the other until one works; the ways after that one are not touched. Tells of each that does
 * not work as it happens. Rejects only when interrupted.
 */
export async function firstThatWorks(
    ways: readonly Way[],
    signal: AbortSignal,
    onRefusal: (refusal: Refusal, next: Way | undefined) => void = () => {},
): Promise<Outcome> {
    const refusals: Refusal[] = [];
    for (const [index, way] of ways.entries()) {
        try {
            return { tool: await way.get(), refusals };
        } catch (error) {
            signal.throwIfAborted();
            const refusal = {
                source: way.source,
                what: way.what,
                why: reasonOf(error),
                absent: error instanceof NotThere,
            };
            refusals.push(refusal);
            onRefusal(refusal, ways[index + 1]);
        }
    }
    return { tool: undefined, refusals };
}

/** What an error says, as the end of a sentence. */
function reasonOf(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    return message.trim().replace(/\.$/, "");
}
