import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startLocalAks } from "../rehearsal/local-aks/local-aks";
import type { Progress } from "../toolchain/tool";
import { type Spread, spread } from "./statistics";

/** What `status` over a subscription costs. */
export interface StatusCost {
    /** From the start of its process to its end, in seconds. */
    seconds: Spread;
    /** The most memory that was resident, in MB. */
    peakMb: Spread;
}

const program = join(__dirname, "..", "dist", "cli.js");

/**
 * Tells on a fourth stream, when the process ends, how much memory it had resident at most, in kB. On Linux by its own
 * memory's mark: `maxRSS` there begins with what the process that started it has, which can be more than its own.
 */
const tellPeak =
    "data:text/javascript,import fs from 'node:fs';" +
    "const own=()=>/VmHWM:\\s*(\\d+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1];" +
    "const peak=()=>process.platform==='linux'?own():process.resourceUsage().maxRSS;" +
    "process.on('exit',()=>fs.writeSync(3,String(peak())))";

/**
 * Measures `status` over clusters of a local AKS, each with a TLS server (light backend) in this process, so that
 * its share of the machine is part of the figure.
 *
 * @throws Error when it does not end well, or misses a cluster
 */
export async function measureStatus(clusters: number, runs: number, progress: Progress): Promise<StatusCost> {
    const aks = await startLocalAks();
    try {
        for (let i = 0; i < clusters; i++) {
            const name = `cluster-${String(i).padStart(3, "0")}`;
            await aks.addCluster({ resourceGroup: "bench", name, backend: "light" });
        }
        const [seconds, peakMb]: [number[], number[]] = [[], []];
        for (let run = 0; run < runs; run++) {
            progress(`status over ${clusters} clusters, run ${run + 1} of ${runs}`);
            const began = performance.now();
            const child = spawn(process.execPath, ["--import", tellPeak, program, "status", "-o", "json"], {
                env: { ...process.env, ...aks.environment },
                stdio: ["ignore", "pipe", "inherit", "pipe"],
            });
            const [out, peak] = await Promise.all([
                text(child.stdout as NodeJS.ReadableStream),
                text(child.stdio[3] as NodeJS.ReadableStream),
                once(child, "close"),
            ]);
            seconds.push((performance.now() - began) / 1000);
            if (!/^\d+$/.test(peak)) {
                throw new Error(`status did not tell its memory, but: "${peak}".`);
            }
            peakMb.push(Number(peak) / 1024);
            const report: { state: string; clusters: { certificates: object[] }[] } = JSON.parse(out);
            const whole = report.clusters.filter(({ certificates }) => certificates.length === 3);
            if (report.state !== "ok" || whole.length !== clusters) {
                throw new Error(`status told all of ${whole.length} of ${clusters} clusters, and ${report.state}.`);
            }
        }
        return { seconds: spread(seconds), peakMb: spread(peakMb) };
    } finally {
        await aks.close();
    }
}
