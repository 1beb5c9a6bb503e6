import { table } from "./page-section";
import type { Made } from "./reliability-page";
import type { Row } from "./row";
import { repeatsSentence } from "./until-begun";

/**
 * What a run of all faults has seen, as a section of docs/reliability.md.
 *
 * @param repeats how many `up`s were run again: see until-begun.ts
 */
export function faultsSection(rows: readonly Row[], made: Made, repeats: number): string {
    const times = rows.reduce((sum, row) => sum + row.times, 0);
    const rotations = rows.reduce((sum, row) => sum + row.rotations, 0);
    const chapters = [...new Set(rows.map(({ chapter }) => chapter))].sort();
    return [
        `Run on ${made.day} with ${made.with}: ${rows.length} faults, broken ${times} times in all, each survived; ` +
            `${rotations} rotations counted by the clusters, as many as expected; 0 secrets found. ` +
            repeatsSentence(repeats),
        ...chapters.map((chapter) => {
            const own = rows.filter((row) => row.chapter === chapter);
            return `### ${chapter}\n\n${isGrid(own) ? grid(own) : list(own)}`;
        }),
    ].join("\n\n");
}

const distinct = (values: string[]) => [...new Set(values)];

/** Whether most of what was broken was broken everywhere. */
function isGrid(rows: readonly Row[]): boolean {
    const columns = distinct(rows.map(({ broken }) => broken)).length;
    const lines = distinct(rows.map(({ where }) => where)).length;
    return columns > 2 && lines > 2 && rows.length > 0.6 * columns * lines;
}

function came({ rotations, record }: Row): string {
    return `${rotations} ${rotations === 1 ? "rotation" : "rotations"}, ${record}`;
}

/** One column for each place, so that a line is one thing that was broken. */
function grid(rows: readonly Row[]): string {
    const places = distinct(rows.map(({ where }) => where));
    const things = distinct(rows.map(({ broken }) => broken));
    const cell = (broken: string, where: string) => {
        const found = rows.find((row) => row.broken === broken && row.where === where);
        return found === undefined ? "–" : `${came(found)}${found.times === 1 ? "" : ` ×${found.times}`}`;
    };
    // The longer side goes down.
    const [down, across, at] =
        places.length > things.length
            ? [places, things, (place: string, thing: string) => cell(thing, place)]
            : [things, places, cell];
    const read = distinct(rows.map(({ saw }) => saw).filter((saw) => saw !== ""));
    const texts = read.length === 0 ? "" : `\n\nThe user reads: ${read.map((saw) => `*${saw}*`).join("; ")}`;
    return `Each was broken once, or as often as it says (×).\n\n${table(
        ["", ...across],
        down.map((one) => [one, ...across.map((other) => at(one, other))]),
    )}${texts}`;
}

function list(rows: readonly Row[]): string {
    return table(
        ["broken", "how", "times", "the user reads", "what came of it"],
        rows.map((row) => [
            row.broken,
            row.where,
            String(row.times),
            row.saw === "" ? "nothing of it" : row.saw,
            came(row),
        ]),
    );
}
