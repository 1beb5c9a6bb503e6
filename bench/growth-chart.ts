import { panels } from "./chart";
import { each, known } from "./figures";
import type { Growth } from "./growth";
import type { Results } from "./results";
import { spread } from "./statistics";

const lines: [title: string, of: (growth: Growth) => number | undefined][] = [
    ["time, s", ({ seconds }) => seconds],
    ["memory, MB", ({ mb }) => mb],
    ["state file, kB", ({ stateKb }) => stateKb],
    ["requests per cluster", ({ requests }) => requests],
];

/** Medians over the number of clusters; without what was not measured at each number. */
export function growthChart({ growth }: Results): string {
    const sizes = growth.filter(({ runs }) => runs.some((run) => run !== undefined));
    const drawn = lines.flatMap(([title, of]) => {
        const found = sizes.map(({ runs }) => known(each(runs, of)));
        return found.every(({ length }) => length > 0)
            ? [{ title, values: found.map((figures) => spread(figures).median) }]
            : [];
    });
    const clusters = sizes.map((size) => size.clusters);
    return panels("Growth: one up that rotates all clusters of a stack", clusters, "clusters", drawn);
}
