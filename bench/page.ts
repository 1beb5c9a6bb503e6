import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceSection, table } from "../tests/support/page-section";
import { type Lane, panels, timeline } from "./chart";
import type { Results } from "./results";
import type { RotationRun } from "./rotation";
import { spread, written } from "./statistics";
import { comparison, growthHead, growthRows, overhead, ratio } from "./table";

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
    const ours = results.contenders.find(({ contender }) => contender.word === "ours")?.measured;
    const ratios = results.contenders
        .filter(({ contender }) => contender.word !== "ours" && contender.missing === undefined)
        .flatMap(({ contender, measured }) =>
            (["silent", "told"] as const).map((which) => [
                contender.name,
                which === "silent" ? "no" : "yes",
                (ours && ratio(ours, measured, which)) ?? "–",
            ]),
        );
    return [
        `Every figure is a median, with minimum and maximum, of ${runs} ${runs === 1 ? "run" : "runs"}; the contenders took turns.`,
        made.map((line) => `- ${line}`).join("\n"),
        "## The contenders",
        "![One rotation of each contender](performance-rotation.svg)",
        table(head, rows),
        "Overhead of the component, from the end of the rotation to the first downstream request, over that of the others:",
        table(["beside", "Retry-After", "ratio"], ratios),
        "## Growth",
        "![Growth with the number of clusters](performance-growth.svg)",
        table(growthHead, growthRows(results)),
        "## The rotator, status, and an up that changes nothing",
        table(
            ["measured", "figure"],
            [
                ["rotator, from start to first connection, ms", written(rotator.firstRequestMs, 0)],
                ["bare Node.js, from start to a connection, ms", written(rotator.bareNodeMs, 0)],
                ["rotator, resident while it waits, MB", written(rotator.residentMb, 0)],
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

/** The run of each contender whose overhead is the median; where Azure sends no Retry-After, if that was measured. */
function rotationChart({ contenders }: Results): string {
    const silent = contenders.some(({ measured }) => measured.silent.length > 0);
    const lanes = contenders.flatMap(({ contender, measured }) => {
        const run = median(silent ? measured.silent : measured.told);
        return run === undefined ? [] : [lane(contender.word, run)];
    });
    return timeline(`One rotation${silent ? ", Azure sends no Retry-After" : ", Azure sends a Retry-After"}`, lanes);
}

function median(runs: readonly RotationRun[]): RotationRun | undefined {
    const sorted = [...runs].sort((a, b) => (overhead(a) ?? Infinity) - (overhead(b) ?? Infinity));
    return sorted[Math.floor((sorted.length - 1) / 2)];
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
