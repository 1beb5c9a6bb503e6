import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceSection, table } from "../tests/support/page-section";
import { type Lane, panels, timeline } from "./chart";
import { nothingMeasured, type Results } from "./results";
import type { RotationRun } from "./rotation";
import type { RotatorCost } from "./rotator";
import { spread, written } from "./statistics";
import { comparison, growthHead, growthRows, overhead, ratio, rest } from "./table";

const docs = join(__dirname, "..", "docs");

/** Writes docs/performance.md and its charts anew. */
export function writePage(results: Results): void {
    const page = join(docs, "performance.md");
    writeFileSync(page, replaceSection(readFileSync(page, "utf8"), "bench", section(results)));
    writeFileSync(join(docs, "performance-rotation.svg"), rotationChart(results));
    writeFileSync(join(docs, "performance-growth.svg"), growthChart(results));
}

/** What the page says of a run. */
export function section(results: Results): string {
    const { head, rows } = comparison(results);
    const { noOp, rotator, status, leftOut, runs, made } = results;
    return [
        `Every figure is a median, with minimum and maximum, of ${runs} ${runs === 1 ? "run" : "runs"}; the contenders took turns.`,
        made.map((line) => `- ${line}`).join("\n"),
        "## The contenders",
        "![One rotation of each contender](performance-rotation.svg)",
        table(head, rows),
        "The component's figures over those of the others, run by run:",
        table(
            ["beside", "Retry-After", "end of the rotation to first downstream request", "whole run less the rotation"],
            ratios(results),
        ),
        "## Growth",
        "![Growth with the number of clusters](performance-growth.svg)",
        table(growthHead, growthRows(results)),
        "## The rotator",
        "A process is started until its first connection, and nobody answers it. What is resident while it waits is taken a second apart, beside Node.js that sends a request each second. [What is in it](rotator-start.md).",
        table(["", "ms", "resident, MB", "modules of Node.js"], rotatorRows(rotator)),
        "## status, and an up that changes nothing",
        table(
            ["measured", "figure"],
            [
                [`status over ${status.clusters} clusters, s`, written(status.seconds)],
                [`status over ${status.clusters} clusters, resident at most, MB`, written(status.peakMb, 0)],
                ...(noOp
                    ? [
                          ["up that changes nothing, with the component, s", written(noOp.component)],
                          ["the same with a plain Provider, s", written(noOp.plain)],
                          ["the one over the other", written(noOp.ratio)],
                      ]
                    : []),
            ],
        ),
        "## Not measured",
        leftOut.map((line) => `- ${line}`).join("\n") || "Nothing was left out.",
    ].join("\n\n");
}

function ratios({ contenders }: Results): string[][] {
    const ours = contenders.find(({ contender }) => contender.word === "ours")?.measured ?? nothingMeasured();
    return contenders
        .filter(({ contender }) => contender.word !== "ours" && contender.missing === undefined)
        .flatMap(({ contender, measured }) =>
            (["silent", "told"] as const).map((which) => [
                contender.name,
                which === "silent" ? "no" : "yes",
                ...[overhead, rest].map((of) => ratio(ours[which], measured[which], of) ?? "–"),
            ]),
        );
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
function rotationChart({ contenders }: Results): string {
    const silent = contenders.some(({ measured }) => measured.silent.length > 0);
    const runs = contenders.map(({ measured }) => (silent ? measured.silent : measured.told));
    const middle = median(runs.find((measured) => measured.length > 0) ?? []);
    const lanes = contenders.flatMap(({ contender }, i) => {
        const run = runs[i]?.[middle];
        return run === undefined ? [] : [lane(contender.word, run)];
    });
    return timeline(`One rotation${silent ? ", Azure sends no Retry-After" : ", Azure sends a Retry-After"}`, lanes);
}

/** Which run has the median overhead; of two in the middle, the lower one. */
function median(runs: readonly RotationRun[]): number {
    const order = runs
        .map((run, i) => ({ i, seconds: overhead(run) ?? Infinity }))
        .sort((a, b) => a.seconds - b.seconds);
    return order[Math.floor((order.length - 1) / 2)]?.i ?? 0;
}

const titles: Record<string, string> = {
    script: "az and kubectl",
    "by-hand": "Pulumi by hand",
    "by-hand-identified": "… with clusterIdentifier",
    ours: "CertificateRotation",
};

function lane(word: string, run: RotationRun): Lane {
    const { began = 0, ended = 0, outage, credentials, downstream } = run;
    const bars: Lane["bars"] = [{ from: 0, to: ended - began, kind: "rotation" }];
    const after = (time: number) => Math.max(time - began, ended - began);
    if (credentials !== undefined) {
        bars.push({ from: ended - began, to: after(credentials), kind: "credentials" });
    }
    if (downstream !== undefined) {
        bars.push({ from: after(credentials ?? ended), to: after(downstream), kind: "downstream" });
    }
    if (outage) {
        bars.push({ from: outage[0] - began, to: outage[1] - began, kind: "outage" });
    }
    const seconds = overhead(run);
    return {
        title: titles[word] ?? word,
        bars,
        note: seconds === undefined ? "✗ the up fails" : `+${seconds.toFixed(1)} s`,
    };
}

function growthChart({ growth }: Results): string {
    const middle = (of: (run: Results["growth"][number][number]) => number) =>
        growth.map((runs) => spread(runs.map(of)).median);
    return panels(
        "Growth: one up that rotates all clusters of a stack",
        growth.map(([run]) => run?.clusters ?? 0),
        "clusters",
        [
            { title: "time, s", values: middle(({ seconds }) => seconds) },
            { title: "memory, MB", values: middle(({ mb }) => mb) },
            { title: "state file, kB", values: middle(({ stateKb }) => stateKb) },
            { title: "requests per cluster", values: middle(({ requests }) => requests) },
        ],
    );
}
