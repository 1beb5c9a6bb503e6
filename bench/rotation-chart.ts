import { type Lane, timeline } from "./chart";
import { each } from "./figures";
import { overhead } from "./measures";
import type { Results, Runs } from "./results";
import type { RotationRun } from "./rotation";

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
        return run === undefined ? [] : [lane(contender.word, run)];
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
