import { cell, each, type Figures, known, quotients } from "./figures";
import { absent, exact, killedWell, type Measure, mistaken, overhead, recreated, replaced, rest } from "./measures";
import { marked } from "./programs/ten";
import type { Measured, Results } from "./results";
import type { RotationRun } from "./rotation";
import { type Spread, spread, written } from "./statistics";

/** Something that the component is to be, and what was measured of it. */
export interface Goal {
    what: string;
    measured: string;
    /** Undefined where it was not measured in every run. */
    met: boolean | undefined;
    /** Why it is not met, where that is known. */
    because?: string;
}

/** What a rotator may take to its first connection, in milliseconds, and have resident, in MB. */
const [startMs, residentMb] = [150, 60];

/** Over how many clusters `status` is held to what, in seconds and in MB. */
const [statusClusters, statusSeconds, statusMb] = [100, 5, 150];

/** What the component is held to, beside the others. Of figures that vary the median counts; of counts, and of `status`, each. */
export function goals(results: Results): Goal[] {
    const { rotator, status } = results;
    const [ours, script] = [measuredOf("ours", results), measuredOf("script", results)];
    const fifth = (which: "silent" | "told", what: string, take: (run: RotationRun) => number | undefined): Goal => {
        const theirs = each(script?.[which] ?? [], take);
        const mine = each(ours?.[which] ?? [], take);
        const goal = inRuns(what, quotients(mine, theirs), 2, ({ median }) => median <= 0.2);
        const because = (take === rest ? whyMore : whyLater)(known(mine), known(theirs), results);
        return goal.met === false ? { ...goal, because } : goal;
    };
    // Over fewer clusters it shows nothing.
    const many = status && status.clusters >= statusClusters ? status : undefined;
    const count = (measure: Measure) => (ours ? measure.of(ours) : []);
    return [
        fifth(
            "silent",
            "from the end of a rotation to the first downstream request, without Retry-After: at most a fifth of the script's",
            overhead,
        ),
        fifth("told", "the same with Retry-After", overhead),
        fifth("silent", "the whole run less the rotation, without Retry-After: at most a fifth of the script's", rest),
        fifth("told", "the same with Retry-After", rest),
        inRuns("resources replaced or deleted: 0", count(replaced), 0, none),
        inRuns("objects that are others afterwards: 0", count(recreated), 0, none),
        inRuns("seconds without an object of the workload, while the API server answers: 0", count(absent), 1, none),
        inRuns(
            "rotations after a kill in mid rotation, with the workload reached in the end: 1",
            count(killedWell),
            0,
            ({ min, max }) => min === 1 && max === 1,
            killedWell.none,
        ),
        inRuns(
            `changes downstream that a preview shows exactly: all ${marked}`,
            count(exact),
            0,
            ({ min }) => min === marked,
        ),
        inRuns("resources that a preview shows as changed, and are not: 0", count(mistaken), 0, none),
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

/** By how many seconds a whole run of the component, less the rotation, is shorter than a fifth of the script's, by medians. */
export function secondsToSpare(results: Results): number | undefined {
    const [mine, theirs] = ["ours", "script"].map((word) => known(each(measuredOf(word, results)?.silent ?? [], rest)));
    return mine?.length && theirs?.length ? spread(theirs).median / 5 - spread(mine).median : undefined;
}

function measuredOf(word: string, { contenders }: Results): Measured | undefined {
    return contenders.find(({ contender }) => contender.word === word)?.measured;
}

const none = ({ max }: Pick<Spread, "max">) => max === 0;

/** An engine has to start, however soon the end of a rotation is seen. */
function whyMore(mine: readonly number[], theirs: readonly number[], { plainNoOps }: Results): string | undefined {
    const engine = known(plainNoOps);
    if ([engine, mine, theirs].some((figures) => figures.length === 0)) {
        return undefined;
    }
    const fifth = theirs.map((seconds) => seconds / 5);
    return `it takes ${inSeconds(mine)}; a fifth of the script's is ${inSeconds(fifth)}, and an \`up\` of a plain Provider that changes nothing takes ${inSeconds(engine)}`;
}

/** Until the first request the component does more than the script does. */
function whyLater(mine: readonly number[], theirs: readonly number[]): string | undefined {
    return mine.length === 0 || theirs.length === 0
        ? undefined
        : `it takes ${inSeconds(mine)}, in which it verifies the rotation too; the script takes ${inSeconds(theirs)} in all`;
}

function inSeconds(figures: readonly number[]): string {
    return `${spread(figures).median.toFixed(1)} s`;
}

/** A row for each goal. */
export function goalRows(results: Results): string[][] {
    return goals(results).map(({ what, measured, met, because }) => [
        what,
        measured,
        met === undefined ? "not known" : met ? "yes" : `**no**${because === undefined ? "" : `: ${because}`}`,
    ]);
}

/** A run that has none breaks a goal; one that was not measured leaves it open, unless another one breaks it. */
function inRuns(
    what: string,
    figures: Figures,
    digits: number,
    holds: (spread: Spread) => boolean,
    lacking?: string,
): Goal {
    const found = known(figures);
    const broken = figures.includes(null) || (found.length > 0 && !holds(spread(found)));
    const whole = figures.length > 0 && !figures.includes(undefined);
    return { what, measured: cell(figures, digits, lacking), met: broken ? false : whole ? true : undefined };
}

function ofSpread(what: string, found: Spread | undefined, digits: number, holds: (spread: Spread) => boolean): Goal {
    return { what, measured: found ? written(found, digits) : "not measured", met: found && holds(found) };
}
