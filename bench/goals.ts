import { cell, each, type Figures, known, quotients } from "./figures";
import { exact, killed, type Measure, overhead, replaced } from "./measures";
import { marked } from "./programs/ten";
import type { Results } from "./results";
import { type Spread, spread, written } from "./statistics";

/** Something that the component is to be, and what was measured of it. */
export interface Goal {
    what: string;
    measured: string;
    /** Undefined where it was not measured in every run. */
    met: boolean | undefined;
}

/** What a rotator may take to its first connection, in milliseconds, and have resident, in MB. */
const [startMs, residentMb] = [150, 60];

/** Over how many clusters `status` is held to what, in seconds and in MB. */
const [statusClusters, statusSeconds, statusMb] = [100, 5, 150];

/** What the component is held to, beside the others. Of figures that vary the median counts; of counts, and of `status`, each. */
export function goals({ contenders, rotator, status }: Results): Goal[] {
    const of = (word: string) => contenders.find(({ contender }) => contender.word === word)?.measured;
    const [ours, script] = [of("ours"), of("script")];
    const overScript = (which: "silent" | "told") =>
        ours && script ? quotients(each(ours[which], overhead), each(script[which], overhead)) : [];
    const fifth = ({ median }: Spread) => median <= 0.2;
    // Over fewer clusters it shows nothing.
    const many = status && status.clusters >= statusClusters ? status : undefined;
    const count = (measure: Measure) => (ours ? measure.of(ours) : []);
    return [
        inRuns(
            "from the end of a rotation to the first downstream request, without Retry-After: at most a fifth of the script's",
            overScript("silent"),
            2,
            fifth,
        ),
        inRuns("the same with Retry-After", overScript("told"), 2, fifth),
        inRuns("resources replaced or deleted: 0", count(replaced), 0, ({ max }) => max === 0),
        inRuns("rotations after a kill in mid rotation: 1", count(killed), 0, ({ min, max }) => min === 1 && max === 1),
        inRuns(
            `changes downstream that a preview shows exactly: all ${marked}`,
            count(exact),
            0,
            ({ min }) => min === marked,
        ),
        ofSpread(
            `the rotator's first connection: within ${startMs} ms`,
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
        ofSpread(
            `\`status\` over ${statusClusters} clusters: within ${statusSeconds} s`,
            many?.seconds,
            1,
            ({ max }) => max <= statusSeconds,
        ),
        ofSpread(
            `\`status\` over ${statusClusters} clusters, resident at most: ${statusMb} MB`,
            many?.peakMb,
            0,
            ({ max }) => max <= statusMb,
        ),
    ];
}

/** A row for each goal. */
export function goalRows(results: Results): string[][] {
    return goals(results).map(({ what, measured, met }) => [
        what,
        measured,
        met === undefined ? "not known" : met ? "yes" : "**no**",
    ]);
}

/** A run that has none breaks a goal; one that was not measured leaves it open, unless another one breaks it. */
function inRuns(what: string, figures: Figures, digits: number, holds: (spread: Spread) => boolean): Goal {
    const found = known(figures);
    const broken = figures.includes(null) || (found.length > 0 && !holds(spread(found)));
    const whole = figures.length > 0 && !figures.includes(undefined);
    return { what, measured: cell(figures, digits), met: broken ? false : whole ? true : undefined };
}

function ofSpread(what: string, found: Spread | undefined, digits: number, holds: (spread: Spread) => boolean): Goal {
    return { what, measured: found ? written(found, digits) : "not measured", met: found && holds(found) };
}
