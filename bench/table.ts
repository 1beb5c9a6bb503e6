import type { Measured, Results } from "./results";
import type { RotationRun } from "./rotation";
import { spread, written } from "./statistics";
import { marked } from "./ten";

/** Seconds from the server's end of the rotation to the first downstream request that succeeded. */
export function overhead({ ended, downstream }: RotationRun): number | undefined {
    return ended === undefined || downstream === undefined ? undefined : downstream - ended;
}

/** Seconds of the whole run less those of the rotation at the server; undefined where it failed. */
export function rest({ seconds, began = 0, ended = 0, failed }: RotationRun): number | undefined {
    return failed === undefined ? seconds - (ended - began) : undefined;
}

type Measure = [title: string, of: (measured: Measured) => string];

const rotationMeasures = (which: "silent" | "told", title: string): Measure[] => [
    [
        `${title}: from the end of the rotation to the first downstream request, s`,
        ({ [which]: runs }) => figures(runs.map(overhead), 1, "never"),
    ],
    [`${title}: the whole run less the rotation itself, s`, ({ [which]: runs }) => figures(runs.map(rest), 1, "fails")],
    [
        `${title}: requests to Azure about the cluster`,
        ({ [which]: runs }) =>
            figures(
                runs.map(({ requests }) => requests),
                0,
            ),
    ],
    [
        `${title}: of these per minute of waiting`,
        ({ [which]: runs }) =>
            figures(
                runs.map(({ requestsPerMinute }) => requestsPerMinute),
                1,
            ),
    ],
];

const measures: Measure[] = [
    ...rotationMeasures("silent", "No Retry-After"),
    ...rotationMeasures("told", "Retry-After"),
    [
        "Resources replaced or deleted by the rotation",
        (m) =>
            figures(
                all(m).map(({ replaced }) => replaced),
                0,
            ),
    ],
    [
        "Seconds without the ConfigMap or the Deployment",
        (m) =>
            figures(
                all(m).map(({ absent }) => absent),
                1,
            ),
    ],
    ["What else came of the rotation", (m) => summed(all(m).map(({ failed, again }) => tell(failed, again)))],
    [
        "Killed in mid rotation: rotations in the end",
        ({ kills }) =>
            figures(
                kills.map(({ rotations }) => rotations),
                0,
            ),
    ],
    [
        "Killed in mid rotation: what a person did",
        ({ kills }) => summed(kills.map(({ steps, reached }) => `${steps.join(", ")}${reached ? "" : ": in vain"}`)),
    ],
    ["Up that changes nothing, s", ({ noOps }) => figures(noOps, 1)],
    [
        "Preview with a rotation pending, s",
        ({ previews }) =>
            figures(
                previews.map(({ seconds }) => seconds),
                1,
            ),
    ],
    [
        `Preview: of ${marked} changes downstream, shown exactly`,
        ({ previews }) =>
            figures(
                previews.map(({ exact }) => exact),
                0,
            ),
    ],
    [
        "Preview: of ten resources, shown as to be replaced",
        ({ previews }) =>
            figures(
                previews.map(({ replaced }) => replaced),
                0,
            ),
    ],
    [
        "Memory while it waits, MB",
        (m) =>
            figures(
                all(m).map(({ waitingMb }) => waitingMb),
                0,
            ),
    ],
    [
        "Processes while it waits",
        (m) =>
            figures(
                all(m).map(({ processes }) => processes),
                0,
            ),
    ],
];

/** The contenders side by side: a row for each measure. */
export function comparison({ contenders }: Results): { head: string[]; rows: string[][] } {
    return {
        head: ["", ...contenders.map(({ contender }) => contender.name)],
        rows: measures.map(([title, of]) => [title, ...contenders.map(({ measured }) => of(measured))]),
    };
}

/** Ours over another contender's, run by run; undefined where one of them has none. */
export function ratio(
    ours: readonly RotationRun[],
    theirs: readonly RotationRun[],
    of: (run: RotationRun) => number | undefined,
): string | undefined {
    const ratios = ours.flatMap((run, i) => {
        const [mine, its] = [of(run), theirs[i] && of(theirs[i])];
        return mine === undefined || its === undefined ? [] : [mine / its];
    });
    return ratios.length === 0 ? undefined : written(spread(ratios));
}

/** A row for each number of clusters. */
export function growthRows({ growth }: Results): string[][] {
    return growth.map((runs) => [
        String(runs[0]?.clusters),
        figures(
            runs.map(({ seconds }) => seconds),
            1,
        ),
        figures(
            runs.map(({ mb }) => mb),
            0,
        ),
        figures(
            runs.map(({ stateKb }) => stateKb),
            0,
        ),
        figures(
            runs.map(({ requests }) => requests),
            1,
        ),
    ]);
}

/** The columns of those rows. */
export const growthHead = [
    "clusters",
    "up that rotates all, s",
    "memory, MB",
    "state file, kB",
    "requests per cluster",
];

function all({ silent, told }: Measured): RotationRun[] {
    return [...silent, ...told];
}

function figures(found: readonly (number | undefined)[], digits: number, none = "–"): string {
    const known = found.filter((figure) => figure !== undefined);
    if (known.length === 0) {
        return found.length === 0 ? "not measured" : none;
    }
    const text = written(spread(known), digits);
    return known.length === found.length
        ? text
        : `${text}; ${none} in ${found.length - known.length} of ${found.length}`;
}

function tell(failed: string | undefined, again: string | undefined): string {
    const short = (message: string) =>
        message
            .replace(/urn:pulumi:\S+::/g, "")
            .replace(/shop-\d+/g, "shop")
            .slice(0, 160);
    if (failed === undefined) {
        return "it ended well";
    }
    return `it failed: ${short(failed)}; run again: ${short(again ?? "")}`;
}

function summed(texts: readonly string[]): string {
    const counts = new Map<string, number>();
    for (const text of texts) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const told = [...counts].map(([text, count]) =>
        counts.size === 1 ? text : `${text} (${count} of ${texts.length})`,
    );
    return told.join("; ") || "not measured";
}
