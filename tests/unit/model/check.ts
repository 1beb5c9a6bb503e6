import fc from "fast-check";
import type { Brain } from "./brain";
import { type History, histories } from "./history";
import { type Options, play } from "./play";
import type { Promised } from "./promises";
import { Story } from "./story";
import { EVENTS, type NewEvent } from "./switches";
import { Broken } from "./violations";

/** A history that breaks a promise, shrunk. */
export interface Finding {
    /** All that it breaks. */
    promised: Promised[];
    history: History;
    /** The story, what is broken, and how to see it again. */
    report: string;
}

/** What a search among histories came to. */
export interface Search {
    histories: number;
    starts: number;
    successes: number;
    finding: Finding | undefined;
}

/**
 * Plays generated histories until one breaks a promise, or there have been enough.
 *
 * @param unless histories in which this brain breaks a promise too are let pass
 */
export function search(
    options: Omit<Options, "story">,
    {
        runs,
        seed,
        unless,
        events = EVENTS,
    }: { runs: number; seed: number; unless?: Brain; events?: readonly NewEvent[] },
): Search {
    const total: Search = { histories: 0, starts: 0, successes: 0, finding: undefined };
    const result = fc.check(
        fc.property(histories(events), (history) => !shows(history)),
        { numRuns: runs, seed, endOnFailure: false },
    );
    total.histories = result.numRuns;
    const history = result.counterexample?.[0];
    if (history !== undefined) {
        const short = shorten(history, shows);
        const { promised, text } = tellStory(short, options);
        const report = `${text}\nSeed ${seed}, path "${result.counterexamplePath}", shrunk ${result.numShrinks} times.`;
        total.finding = { promised, history: short, report };
    }
    return total;

    function shows(history: History): boolean {
        return !keeps(history, options) && (unless === undefined || keeps(history, { ...options, brain: unless }));
    }

    function keeps(history: History, how: Options): boolean {
        try {
            const { starts, successes } = play(history, { ...how, stopsAtFirst: true });
            total.starts += starts;
            total.successes += successes;
            return true;
        } catch (error) {
            if (error instanceof Broken) {
                return false;
            }
            throw error;
        }
    }
}

/** fast-check takes events away from the front; those that are of no matter can be anywhere. */
function shorten(history: History, shows: (history: History) => boolean): History {
    for (const i of history.events.keys()) {
        const shorter = { ...history, events: history.events.toSpliced(i, 1) };
        if (shows(shorter)) {
            return shorten(shorter, shows);
        }
    }
    return history;
}

/**
 * Plays a history and tells its story, and at its end what it breaks.
 *
 * @throws Error when it breaks nothing
 */
export function tellStory(history: History, options: Options): { promised: Promised[]; text: string } {
    const story = new Story();
    try {
        play(history, { ...options, story });
    } catch (error) {
        if (error instanceof Broken) {
            return { promised: error.promised, text: `${story}\n${error.message}` };
        }
        throw error;
    }
    throw new Error(`The history breaks nothing:\n${story}`);
}
