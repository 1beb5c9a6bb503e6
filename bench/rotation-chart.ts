import { type Lane, timeline } from "./chart";
import { each, known } from "./figures";
import { overhead } from "./measures";
import type { Results, Runs } from "./results";
import type { RotationRun } from "./rotation";
import { spread } from "./statistics";

/**
 * The timeline of one run, in which all rotations take as long: that in which the first contender has its median; where
 * Azure sends no Retry-After, if that was measured.
 */
export function rotationChart({ contenders }: Results): string {
    const silent = contenders.some(({ measured }) => measured.silent.length > 0);
    const runs = contenders.map(({ measured }) => (silent ? measured.silent : measured.told));
    const middle = medianRun(runs.find((measured) => measured.length > 0) ?? []);
    const lanes = contenders.flatMap(({ contender }, i) => {
        const run = runs[i]?.[middle];
        return run === undefined ? [] : [lane(contender.word, run, runs[i] ?? [])];
    });
    return timeline(`One rotation${silent ? ", Azure sends no Retry-After" : ", Azure sends a Retry-After"}`, lanes);
}

/** Which run has the median overhead, of those that have one; of two in the middle, the lower one. */
function medianRun(runs: Runs<RotationRun>): number {
    const order = each(runs, overhead)
        .flatMap((seconds, run) => (typeof seconds === "number" ? [{ run, seconds }] : []))
        .sort((a, b) => a.seconds - b.seconds);
    return order[Math.floor((order.length - 1) / 2)]?.run ?? 0;
}

const titles: Record<string, string> = {
    script: "az and kubectl",
    "by-hand": "Pulumi by hand",
    "by-hand-identified": "… with clusterIdentifier",
    ours: "CertificateRotation",
};

function lane(word: string, run: RotationRun, all: Runs<RotationRun>): Lane {
    const { began, ended, outages, credentials, downstream } = run;
    const after = (time: number) => Math.max(time, ended);
    const bars: Lane["bars"] = [
        { from: 0, to: began, kind: "before" },
        { from: began, to: ended, kind: "rotation" },
    ];
    if (credentials !== undefined) {
        bars.push({ from: ended, to: after(credentials), kind: "credentials" });
    }
    if (downstream !== undefined) {
        bars.push({ from: after(credentials ?? ended), to: after(downstream), kind: "downstream" });
    }
    bars.push(...outages.map(([from, to]) => ({ from, to, kind: "outage" as const })));
    return { title: titles[word] ?? word, bars, note: noteOf(run, all) };
}

/** This run's overhead, beside the median: who is lucky in one run is not in all. */
function noteOf(run: RotationRun, all: Runs<RotationRun>): string {
    const { failed, downstream, ended } = run;
    if (downstream === undefined) {
        return failed === undefined ? "✗ not reached" : "✗ it fails";
    }
    const plus = `+${(downstream - ended).toFixed(1)} s`;
    const overheads = known(each(all, overhead));
    if (failed !== undefined) {
        return `✗ fails; run again: ${plus}`;
    }
    return overheads.length > 1 ? `${plus} (median ${spread(overheads).median.toFixed(1)})` : plus;
}
