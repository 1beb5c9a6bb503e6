import { cell, each } from "./figures";
import type { Growth } from "./growth";
import type { Results } from "./results";

const columns: [head: string, of: (growth: Growth) => number | undefined, digits: number][] = [
    ["up that rotates all, s", ({ seconds }) => seconds, 1],
    ["of that per cluster, s", ({ seconds, clusters }) => seconds / clusters, 2],
    ["memory, MB", ({ mb }) => mb, 0],
    ["state file, kB", ({ stateKb }) => stateKb, 0],
    ["requests per cluster", ({ requests }) => requests, 1],
];

/** What an `up` of many clusters costs: a row for each number of clusters. */
export function growthTable({ growth }: Results): { head: string[]; rows: string[][] } {
    return {
        head: ["clusters", ...columns.map(([head]) => head)],
        rows: growth.map(({ clusters, runs }) => [
            String(clusters),
            ...columns.map(([, of, digits]) => cell(each(runs, of), digits, "the system does not tell")),
        ]),
    };
}
