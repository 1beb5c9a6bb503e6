import { marked } from "./programs/ten";
import type { Measured, Results } from "./results";
import { type Spread, spread, written } from "./statistics";
import { each, goalFigures, overhead, quotients } from "./table";

/** Something that the component is to be, and what was measured of it. */
export interface Goal {
    what: string;
    measured: string;
    /** Undefined where it was not measured. */
    met: boolean | undefined;
}

/** What a rotator may take to its first request, in milliseconds, and have resident, in MB. */
const [startMs, residentMb] = [150, 60];

/** What the component is held to, beside the others. Of figures that vary, the median counts; of counts, each. */
export function goals({ contenders, rotator }: Results): Goal[] {
    const of = (word: string) => contenders.find(({ contender }) => contender.word === word)?.measured;
    const [ours, script] = [of("ours"), of("script")];
    const fifth = (which: "silent" | "told") =>
        ours && script ? quotients(each(ours[which], overhead), each(script[which], overhead)) : [];
    const count = (figure: { of: (measured: Measured) => (number | undefined)[] }) =>
        ours ? figure.of(ours).filter((one) => one !== undefined) : [];
    return [
        goal(
            "from the end of a rotation to the first downstream request, without Retry-After: at most a fifth of the script's",
            fifth("silent"),
            2,
            ({ median }) => median <= 0.2,
        ),
        goal("the same with Retry-After", fifth("told"), 2, ({ median }) => median <= 0.2),
        goal("resources replaced or deleted: 0", count(goalFigures.replaced), 0, ({ max }) => max === 0),
        goal(
            "rotations after a kill in mid rotation: 1",
            count(goalFigures.killed),
            0,
            ({ min, max }) => min === 1 && max === 1,
        ),
        goal(
            `changes downstream that a preview shows exactly: all ${marked}`,
            count(goalFigures.exact),
            0,
            ({ min }) => min === marked,
        ),
        ofSpread(
            `the rotator's first request: within ${startMs} ms`,
            rotator?.steps.token.ms,
            0,
            ({ median }) => median <= startMs,
        ),
        ofSpread(
            `the rotator, resident while it waits: at most ${residentMb} MB`,
            rotator?.residentMb,
            1,
            ({ median }) => median <= residentMb,
        ),
    ];
}

/** A row for each goal. */
export function goalRows(results: Results): string[][] {
    return goals(results).map(({ what, measured, met }) => [
        what,
        measured,
        met === undefined ? "not measured" : met ? "yes" : "**no**",
    ]);
}

function goal(what: string, figures: readonly number[], digits: number, holds: (spread: Spread) => boolean): Goal {
    return ofSpread(what, figures.length === 0 ? undefined : spread(figures), digits, holds);
}

function ofSpread(what: string, found: Spread | undefined, digits: number, holds: (spread: Spread) => boolean): Goal {
    return { what, measured: found ? written(found, digits) : "not measured", met: found && holds(found) };
}
