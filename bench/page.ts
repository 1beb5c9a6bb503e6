import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceSection, table } from "../tests/support/page-section";
import { goalRows, secondsToSpare } from "./goals";
import { growthChart } from "./growth-chart";
import { growthTable } from "./growth-table";
import type { Results } from "./results";
import { fromJson, toJson } from "./results-file";
import { rotationChart } from "./rotation-chart";
import type { RotatorCost } from "./rotator";
import { written } from "./statistics";
import { comparison, ratios } from "./table";
import { resolution } from "./watch";

const docs = join(__dirname, "..", "docs");
const file = join(docs, "performance.json");

/** Writes docs/performance.json with every figure of each run, and docs/performance.md and its charts anew. */
export function writePage(results: Results): void {
    writeFileSync(file, toJson(results));
    const page = join(docs, "performance.md");
    writeFileSync(page, replaceSection(readFileSync(page, "utf8"), "bench", section(results)));
    writeFileSync(join(docs, "performance-rotation.svg"), rotationChart(results));
    writeFileSync(join(docs, "performance-growth.svg"), growthChart(results));
}

/** What docs/performance.json has. */
export function lastResults(): Results {
    return fromJson(readFileSync(file, "utf8"));
}

/** What the page says of a run. */
export function section(results: Results): string {
    const compared = comparison(results);
    const quotients = ratios(results);
    const growth = growthTable(results);
    const { rotator, status, leftOut, runs, made } = results;
    return [
        `Every figure is a median, with minimum and maximum, of ${runs} ${runs === 1 ? "run" : "runs"}, or of the rotations of both kinds; modules are counted once. The contenders took turns, beginning with another one in each run. Times of a workload are exact to ${resolution} s and the time of a request. [Every single figure](performance.json).`,
        made.map((line) => `- ${line}`).join("\n"),
        "## Goals",
        "Of ratios, times and memory the median counts; of counts, and of `status`, each run.",
        table(["goal", "measured", "met"], goalRows(results)),
        ...roomFor(results),
        "## The contenders",
        "![One rotation of each contender](performance-rotation.svg)",
        table(compared.head, compared.rows),
        table(quotients.head, quotients.rows),
        "## Growth",
        "The component alone. The clusters have light API servers, which share the machine, and are rotated in one second; nothing is downstream. As many are rotated at once as Pulumi's `--parallel` lets, here its default.",
        "![Growth with the number of clusters](performance-growth.svg)",
        table(growth.head, growth.rows),
        "## The rotator",
        "Timed from the start of a process to its first connection, which nobody answers. [What is in it](rotator-start.md).",
        rotator ? table(["", "ms", "resident, MB", "modules of Node.js"], rotatorRows(rotator)) : "Not measured.",
        "## status",
        status
            ? `Over ${status.clusters} clusters with light API servers, which share the machine: ${written(status.seconds)} s, ${written(status.peakMb, 0)} MB resident at most.`
            : "Not measured.",
        "## Not measured",
        leftOut.map((line) => `- ${line}`).join("\n") || "Nothing was left out.",
    ].join("\n\n");
}

/** What the official azure-native may cost more than its stand-in, which is there in every run. */
function roomFor(results: Results): string[] {
    const room = secondsToSpare(results);
    const seconds = room?.toFixed(1);
    return room !== undefined && room > 0
        ? [
              `Without Retry-After the whole run would be a fifth of the script's with ${seconds} s more: as much may the official azure-native take longer than its stand-in.`,
          ]
        : [];
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
        [
            `rotator, waits for a rotation, after ${rotator.looks} looks at its cluster`,
            "",
            written(rotator.residentMb, 1),
            "",
        ],
    ];
}
