import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceSection, table } from "../tests/support/page-section";
import { type Lane, panels, timeline } from "./chart";
import { goalRows } from "./goals";
import type { Results, Runs } from "./results";
import type { RotationRun } from "./rotation";
import type { RotatorCost } from "./rotator";
import { spread, written } from "./statistics";
import { comparison, each, growthHead, growthRows, overhead, ratios } from "./table";
import { resolution } from "./watch";

const docs = join(__dirname, "..", "docs");

/** Writes docs/performance.md and its charts anew, and docs/performance.json with every figure of each run. */
export function writePage(results: Results): void {
    const page = join(docs, "performance.md");
    writeFileSync(page, replaceSection(readFileSync(page, "utf8"), "bench", section(results)));
    writeFileSync(join(docs, "performance-rotation.svg"), rotationChart(results));
    writeFileSync(join(docs, "performance-growth.svg"), growthChart(results));
    writeFileSync(join(docs, "performance.json"), `${JSON.stringify(results, undefined, 1)}\n`);
}

/** What the page says of a run. */
export function section(results: Results): string {
    const compared = comparison(results);
    const quotients = ratios(results);
    const { rotator, status, leftOut, runs, made } = results;
    return [
        `Every figure is a median, with minimum and maximum, of ${runs} ${runs === 1 ? "run" : "runs"}, or of all rotations where it is of both kinds; modules are counted once. The contenders took turns, beginning with another one in each run. Times of a workload are exact to ${resolution} s. [Every single figure](performance.json).`,
        made.map((line) => `- ${line}`).join("\n"),
        "## Goals",
        table(["goal", "measured", "met"], goalRows(results)),
        "## The contenders",
        "![One rotation of each contender](performance-rotation.svg)",
        table(compared.head, compared.rows),
        table(quotients.head, quotients.rows),
        "## Growth",
        "![Growth with the number of clusters](performance-growth.svg)",
        table(growthHead, growthRows(results)),
        "## The rotator",
        "A process is started until its first connection, and nobody answers it. What waits was looked at after its fifth request. [What is in it](rotator-start.md).",
        rotator ? table(["", "ms", "resident, MB", "modules of Node.js"], rotatorRows(rotator)) : "Not measured.",
        "## status",
        status
            ? `Over ${status.clusters} clusters: ${written(status.seconds)} s, ${written(status.peakMb, 0)} MB resident at most.`
            : "Not measured.",
        "## Not measured",
        leftOut.map((line) => `- ${line}`).join("\n") || "Nothing was left out.",
    ].join("\n\n");
}

const steps: Record<keyof RotatorCost["steps"], string> = {
    bare: "Node.js, a TCP connection",
    https: "Node.js, an HTTPS request",
    metadata: "rotator, asks for a cloud's metadata (`ARM_METADATA_HOSTNAME`)",
    token: "rotator, asks for a token",
    tokenCold: "the same, the first time: nothing kept of what Node.js compiles",
};

function rotatorRows(rotator: RotatorCost): string[][] {
    const starts = Object.entries(steps).map(([step, title]) => {
        const { ms, mb, modules } = rotator.steps[step as keyof RotatorCost["steps"]];
        return [title, written(ms, 0), written(mb, 1), String(modules)];
    });
    return [
        ...starts,
        ["Node.js, an HTTPS request each second", "", written(rotator.bareResidentMb, 1), ""],
        ["rotator, waits for a rotation", "", written(rotator.residentMb, 1), ""],
    ];
}

/**
 * One run, in which all rotations take as long: that in which the first contender has its median; where Azure sends no
 * Retry-After, if that was measured.
 */
export function rotationChart({ contenders }: Results): string {
    const silent = contenders.some(({ measured }) => measured.silent.length > 0);
    const runs = contenders.map(({ measured }) => (silent ? measured.silent : measured.told));
    const middle = medianRun(runs.find((measured) => measured.length > 0) ?? []);
    const lanes = contenders.flatMap(({ contender }, i) => {
        const run = runs[i]?.[middle];
        return run === undefined ? [] : [lane(contender.word, run)];
    });
    return timeline(`One rotation${silent ? ", Azure sends no Retry-After" : ", Azure sends a Retry-After"}`, lanes);
}

/** Which run has the median overhead, of those that have one; of two in the middle, the lower one. */
function medianRun(runs: Runs<RotationRun>): number {
    const order = each(runs, overhead)
        .flatMap((seconds, run) => (seconds === undefined ? [] : [{ run, seconds }]))
        .sort((a, b) => a.seconds - b.seconds);
    return order[Math.floor((order.length - 1) / 2)]?.run ?? 0;
}

const titles: Record<string, string> = {
    script: "az and kubectl",
    "by-hand": "Pulumi by hand",
    "by-hand-identified": "… with clusterIdentifier",
    ours: "CertificateRotation",
};

function lane(word: string, run: RotationRun): Lane {
    const { began, ended, outages, credentials, downstream, failed } = run;
    const after = (time: number) => Math.max(time, ended) - began;
    const bars: Lane["bars"] = [{ from: 0, to: ended - began, kind: "rotation" }];
    if (credentials !== undefined) {
        bars.push({ from: ended - began, to: after(credentials), kind: "credentials" });
    }
    if (downstream !== undefined) {
        bars.push({ from: after(credentials ?? ended), to: after(downstream), kind: "downstream" });
    }
    bars.push(...outages.map(([from, to]) => ({ from: from - began, to: to - began, kind: "outage" as const })));
    const seconds = overhead(run);
    const notReached = failed === undefined ? "✗ not reached" : "✗ it fails";
    return { title: titles[word] ?? word, bars, note: seconds === undefined ? notReached : `+${seconds.toFixed(1)} s` };
}

function growthChart({ growth }: Results): string {
    const sizes = growth.filter(({ runs }) => runs.some((run) => run !== undefined));
    const panel = (
        title: string,
        of: (run: NonNullable<(typeof sizes)[number]["runs"][number]>) => number | undefined,
    ) => {
        const values = sizes.map(({ runs }) => each(runs, of).filter((figure) => figure !== undefined));
        return values.some((figures) => figures.length === 0)
            ? []
            : [{ title, values: values.map((figures) => spread(figures).median) }];
    };
    return panels(
        "Growth: one up that rotates all clusters of a stack",
        sizes.map(({ clusters }) => clusters),
        "clusters",
        [
            ...panel("time, s", ({ seconds }) => seconds),
            ...panel("memory, MB", ({ mb }) => mb),
            ...panel("state file, kB", ({ stateKb }) => stateKb),
            ...panel("requests per cluster", ({ requests }) => requests),
        ],
    );
}
