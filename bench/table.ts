import { marked } from "./programs/ten";
import type { Measured, Results, Runs } from "./results";
import type { RotationRun } from "./rotation";
import { spread, written } from "./statistics";

/** Seconds from the server's end of the rotation to the first downstream request that succeeded, in a run that ended well. */
export function overhead({ ended, downstream, failed }: RotationRun): number | undefined {
    return failed !== undefined || downstream === undefined ? undefined : downstream - ended;
}

/** Seconds of the whole run less those of the rotation at the server; undefined where it failed. */
export function rest({ seconds, began, ended, failed }: RotationRun): number | undefined {
    return failed === undefined ? seconds - (ended - began) : undefined;
}

/** A figure of a contender: its title, of each run what it is, how many digits it has, and what is said where there is none. */
interface Figure {
    title: string;
    of: (measured: Measured) => Runs<number>;
    digits: number;
    none?: string;
    /** Whether ours over the others' is worth telling. */
    compared?: boolean;
}

/** What a contender came to, in words. */
interface Telling {
    title: string;
    tell: (measured: Measured) => string;
}

function ofRotations(which: "silent" | "told", title: string): Figure[] {
    const of = (take: (run: RotationRun) => number | undefined) => (measured: Measured) => each(measured[which], take);
    return [
        {
            title: `${title}: from the end of the rotation to the first downstream request, s`,
            of: of(overhead),
            digits: 1,
            none: "never",
            compared: true,
        },
        {
            title: `${title}: the whole run less the rotation itself, s`,
            of: of(rest),
            digits: 1,
            none: "fails",
            compared: true,
        },
        { title: `${title}: requests to Azure`, of: of(({ requests }) => requests), digits: 0 },
        {
            title: `${title}: of these per minute of waiting`,
            of: of(({ requestsPerMinute }) => requestsPerMinute),
            digits: 0,
            compared: true,
        },
    ];
}

const replaced: Figure = {
    title: "Resources replaced or deleted by the rotation, or about to be when it failed",
    of: (m) => each(rotations(m), ({ replaced }) => replaced),
    digits: 0,
    none: "no engine",
};

const killed: Figure = {
    title: "Killed in mid rotation: rotations in the end",
    of: ({ kills }) => each(kills, ({ rotations }) => rotations),
    digits: 0,
};

const exact: Figure = {
    title: `Preview: of ${marked} changes downstream, shown exactly`,
    of: ({ previews }) => each(previews, ({ exact }) => exact),
    digits: 0,
};

const rows: (Figure | Telling)[] = [
    ...ofRotations("silent", "No Retry-After"),
    ...ofRotations("told", "Retry-After"),
    replaced,
    {
        title: "Objects, of the ConfigMap and the Deployment, that are others afterwards",
        of: (m) => each(rotations(m), ({ recreated }) => recreated),
        digits: 0,
    },
    {
        title: "Seconds without the ConfigMap or the Deployment",
        of: (m) => each(rotations(m), ({ absent }) => absent),
        digits: 1,
    },
    { title: "How the rotation ended", tell: (m) => summed(each(rotations(m), howEnded)) },
    killed,
    {
        title: "Killed in mid rotation: what a person did",
        tell: ({ kills }) =>
            summed(each(kills, ({ steps, reached }) => `${steps.join(", ")}${reached ? "" : ": in vain"}`)),
    },
    { title: "Up that changes nothing, s", of: ({ noOps }) => noOps, digits: 1, compared: true },
    {
        title: "Preview with a rotation pending, s",
        of: ({ previews }) => each(previews, ({ seconds }) => seconds),
        digits: 1,
        compared: true,
    },
    exact,
    {
        title: "Preview: of ten resources, shown as to be replaced",
        of: ({ previews }) => each(previews, ({ replaced }) => replaced),
        digits: 0,
    },
    {
        title: "Memory while Azure rotates, MB",
        of: (m) => each(rotations(m), ({ waitingMb }) => waitingMb),
        digits: 0,
        compared: true,
    },
    {
        title: "Processes while Azure rotates",
        of: (m) => each(rotations(m), ({ processes }) => processes),
        digits: 0,
    },
];

/** What the goals are about. */
export const goalFigures = { replaced, killed, exact };

/** The contenders side by side: a row for each measure. */
export function comparison({ contenders }: Results): { head: string[]; rows: string[][] } {
    return {
        head: ["", ...contenders.map(({ contender }) => contender.name)],
        rows: rows.map((row) => [
            row.title,
            ...contenders.map(({ measured }) => ("of" in row ? figures(row.of(measured), row) : row.tell(measured))),
        ]),
    };
}

/** The component's figures over those of each other contender, run by run. */
export function ratios({ contenders, plainNoOps }: Results): { head: string[]; rows: string[][] } {
    const ours = contenders.find(({ contender }) => contender.word === "ours")?.measured;
    const others = contenders.filter(({ contender }) => contender.word !== "ours");
    const compared = rows.filter((row): row is Figure => "of" in row && row.compared === true);
    return {
        head: ["The component's, over that of", ...others.map(({ contender }) => contender.name), "a plain Provider"],
        rows: compared.map(({ title, of }) => [
            title.replace(/, (s|MB)$/, ""),
            ...others.map(({ measured }) => ratio(ours ? of(ours) : [], of(measured))),
            title.startsWith("Up that changes nothing") ? ratio(ours?.noOps ?? [], plainNoOps) : "–",
        ]),
    };
}

/** One figure over the other, run by run; says in how many of the runs both were there. */
export function ratio(ours: Runs<number>, theirs: Runs<number>): string {
    const found = quotients(ours, theirs);
    if (found.length === 0) {
        return "–";
    }
    const of = Math.max(ours.length, theirs.length);
    return `${written(spread(found))}${found.length < of ? `; ${found.length} of ${of} runs` : ""}`;
}

/** The same, as figures. */
export function quotients(ours: Runs<number>, theirs: Runs<number>): number[] {
    return ours.flatMap((mine, i) => {
        const its = theirs[i];
        return mine === undefined || its === undefined || its === 0 ? [] : [mine / its];
    });
}

/** A row for each number of clusters. */
export function growthRows({ growth }: Results): string[][] {
    return growth.map(({ clusters, runs }) => [
        String(clusters),
        figures(
            each(runs, ({ seconds }) => seconds),
            { digits: 1 },
        ),
        figures(
            each(runs, ({ seconds }) => seconds / clusters),
            { digits: 2 },
        ),
        figures(
            each(runs, ({ mb }) => mb),
            { digits: 0 },
        ),
        figures(
            each(runs, ({ stateKb }) => stateKb),
            { digits: 0 },
        ),
        figures(
            each(runs, ({ requests }) => requests),
            { digits: 1 },
        ),
    ]);
}

/** The columns of those rows. */
export const growthHead = [
    "clusters",
    "up that rotates all, s",
    "of that per cluster, s",
    "memory, MB",
    "state file, kB",
    "requests per cluster",
];

/** Runs with and without Retry-After. */
export function rotations({ silent, told }: Measured): Runs<RotationRun> {
    return [...silent, ...told];
}

/** Of each run a figure; undefined where there is no run, or none of it. */
export function each<T, R>(runs: Runs<T>, take: (run: T) => R | undefined): Runs<R> {
    return runs.map((run) => (run === undefined ? undefined : take(run)));
}

function figures(found: Runs<number>, { digits, none = "not measured" }: Pick<Figure, "digits" | "none">): string {
    const known = found.filter((figure) => figure !== undefined);
    if (known.length === 0) {
        return found.length === 0 ? "not measured" : none;
    }
    const text = written(spread(known), digits);
    return known.length === found.length
        ? text
        : `${text}; ${none} in ${found.length - known.length} of ${found.length}`;
}

function howEnded({ failed, again }: RotationRun): string {
    const short = (message: string) =>
        message
            .replace(/urn:pulumi:\S+::/g, "")
            .replace(/shop-\d+/g, "shop")
            .slice(0, 160);
    return failed === undefined ? "well" : `it failed: ${short(failed)}; run again: ${short(again ?? "")}`;
}

function summed(texts: Runs<string>): string {
    const counts = new Map<string, number>();
    for (const text of texts.filter((text) => text !== undefined)) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const told = [...counts].map(([text, count]) =>
        counts.size === 1 ? text : `${text} (${count} of ${texts.length})`,
    );
    return told.join("; ") || "not measured";
}
