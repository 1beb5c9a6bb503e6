import { each, type Figures } from "./figures";
import { marked } from "./programs/ten";
import type { Measured, Runs } from "./results";
import type { RotationRun } from "./rotation";

/** Seconds from the server's end of the rotation to the first downstream request that succeeded, in a run that ended well. */
export function overhead({ ended, downstream, failed }: RotationRun): number | undefined {
    return failed !== undefined || downstream === undefined ? undefined : downstream - ended;
}

/** Seconds of the whole run less those of the rotation at the server; undefined where it failed. */
export function rest({ seconds, began, ended, failed }: RotationRun): number | undefined {
    return failed === undefined ? seconds - (ended - began) : undefined;
}

/** Something that is measured of a contender. */
export interface Measure {
    title: string;
    of: (measured: Measured) => Figures;
    digits: number;
    /** What is said of a run that has none. Default: "none". */
    none?: string;
    /** Whether the component's over that of the others is worth telling. */
    compared?: boolean;
    /** Whether only who has an engine can have one. */
    ofEngine?: true;
}

/** Something that is told of a contender in words. */
export interface Telling {
    title: string;
    tell: (measured: Measured) => string;
}

function ofRotations(which: "silent" | "told", title: string): (Measure | Telling)[] {
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
        {
            title: `${title}: from the end of the rotation to the first downstream request, run again where it failed, s`,
            of: of(({ failed, downstream, ended }) =>
                failed === undefined || downstream === undefined ? undefined : downstream - ended,
            ),
            digits: 1,
            none: "need not be run again",
        },
        { title: `${title}: requests to Azure`, of: of(({ requests }) => requests), digits: 0, compared: true },
        {
            title: `${title}: requests to Azure per minute while it rotates`,
            of: of(({ requestsPerMinute }) => requestsPerMinute),
            digits: 1,
            compared: true,
        },
    ];
}

/** What the engine replaced or deleted in the cluster. */
export const replaced: Measure = {
    title: "Resources replaced or deleted by the rotation, or about to be when it failed",
    of: (m) => each(rotationsOf(m), ({ replaced }) => replaced),
    digits: 0,
    none: "no engine",
};

/** Objects that were there before, and are others now. */
export const recreated: Measure = {
    title: "Objects, of the ConfigMap and the Deployment, that are others afterwards",
    of: (m) => each(rotationsOf(m), ({ recreated }) => recreated),
    digits: 0,
};

/** For how long an object was not there. */
export const absent: Measure = {
    title: "Seconds without the ConfigMap or the Deployment, while the API server answers",
    of: (m) => each(rotationsOf(m), ({ absent }) => absent),
    digits: 1,
};

/** How often a cluster was rotated for one raised generation, in spite of a kill. */
export const killed: Measure = {
    title: "Killed in mid rotation: rotations in the end",
    of: ({ kills }) => each(kills, ({ rotations }) => rotations),
    digits: 0,
};

/** The same, of kills after which the workload was reached in the end. */
export const killedWell: Measure = {
    title: "Killed in mid rotation: rotations until the workload was reached",
    of: ({ kills }) => each(kills, ({ rotations, reached }) => (reached ? rotations : undefined)),
    digits: 0,
    none: "not reached",
};

/** How much of what will change can be seen before it does. */
export const exact: Measure = {
    title: `Preview: of ${marked} changes downstream, shown exactly`,
    of: ({ previews }) => each(previews, ({ exact }) => exact),
    digits: 0,
    ofEngine: true,
};

/** How much of what will not change looks as if it did. */
export const mistaken: Measure = {
    title: `Preview: of ${10 - marked} resources downstream that stay as they are, shown as changed`,
    of: ({ previews }) => each(previews, ({ mistaken }) => mistaken),
    digits: 0,
    ofEngine: true,
};

/** The time of a run that changes nothing: the one that has a program without rotations to be compared with. */
export const noOp: Measure = {
    title: "Up that changes nothing, s",
    of: ({ noOps }) => noOps,
    digits: 1,
    compared: true,
    ofEngine: true,
};

/** All that the contenders are compared by, in the order of the table. */
export const measures: (Measure | Telling)[] = [
    ...ofRotations("silent", "No Retry-After"),
    ...ofRotations("told", "Retry-After"),
    replaced,
    {
        title: "Resources replaced or deleted when it was run again after a failure",
        of: (m) => each(rotationsOf(m), ({ againReplaced }) => againReplaced),
        digits: 0,
        none: "need not be run again",
    },
    recreated,
    absent,
    { title: "How the rotation ended", tell: (m) => summed(each(rotationsOf(m), howEnded)) },
    killed,
    {
        title: "Killed in mid rotation: what a person did",
        tell: ({ kills }) =>
            summed(each(kills, ({ steps, reached }) => `${steps.join(", ")}${reached ? "" : ": in vain"}`)),
    },
    noOp,
    {
        title: "Preview with a rotation pending, s",
        of: ({ previews }) => each(previews, ({ seconds }) => seconds),
        digits: 1,
        compared: true,
        ofEngine: true,
    },
    exact,
    mistaken,
    {
        title: "Preview: of ten resources, shown as to be replaced",
        of: ({ previews }) => each(previews, ({ replaced }) => replaced),
        digits: 0,
        ofEngine: true,
    },
    {
        title: "Memory while Azure rotates, MB",
        of: (m) => each(rotationsOf(m), ({ waitingMb }) => waitingMb),
        digits: 0,
        none: "the system does not tell",
        compared: true,
    },
    {
        title: "Processes while Azure rotates",
        of: (m) => each(rotationsOf(m), ({ processes }) => processes),
        digits: 0,
        none: "the system does not tell",
    },
];

/** With and without Retry-After. */
function rotationsOf({ silent, told }: Measured): Runs<RotationRun> {
    return [...silent, ...told];
}

function howEnded({ failed, again }: RotationRun): string {
    const short = (message: string) =>
        message
            .replace(/urn:pulumi:\S+::/g, "")
            .replace(/shop-\d+/g, "shop")
            .slice(0, 160);
    return failed === undefined ? "well" : `it failed: ${short(failed)}; run again: ${short(again ?? "")}`;
}

/** Each text once, with how often it was there. */
function summed(texts: Figures<string>): string {
    const counts = new Map<string, number>();
    for (const text of texts) {
        const said = text ?? "not measured";
        counts.set(said, (counts.get(said) ?? 0) + 1);
    }
    const told = [...counts].map(([text, count]) =>
        counts.size === 1 ? text : `${text} (${count} of ${texts.length})`,
    );
    return told.join("; ") || "not measured";
}
