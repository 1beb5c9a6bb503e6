import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process and all that it has started, at one time. */
export interface Sample {
    /** On the clock of `performance.now()`, in milliseconds. */
    at: number;
    processes: number;
    /** Memory of them all, what they share counted once (Linux's proportional set size), in MB. */
    mb: number;
}

/** Between two samples, in milliseconds. One takes some milliseconds of the processor. */
const everyMs = 500;

/** Takes samples of a process that may come later, until it is stopped. Only Linux tells what it asks. */
export class Sampler {
    private readonly samples: Sample[] = [];
    private readonly stopped = new AbortController();
    private readonly running: Promise<void>;

    /** @param pid the process, while there is one */
    constructor(private readonly pid: () => number | undefined) {
        this.running = this.run();
    }

    /** Ends it, and tells the samples; none where the system does not tell. */
    async stop(): Promise<Sample[]> {
        this.stopped.abort();
        await this.running;
        return this.samples;
    }

    private async run(): Promise<void> {
        const { signal } = this.stopped;
        while (!signal.aborted && existsSync("/proc/self/smaps_rollup")) {
            const pid = this.pid();
            const all = pid === undefined ? [] : withDescendants(pid);
            if (all.length > 0) {
                const mb = all.reduce((sum, each) => sum + proportionalMb(each), 0);
                this.samples.push({ at: performance.now(), processes: all.length, mb });
            }
            await sleep(everyMs, undefined, { signal }).catch(() => undefined);
        }
    }
}

/** The most of samples between two times; undefined where there is none. */
export function mostBetween(samples: readonly Sample[], from: number, to: number): Omit<Sample, "at"> | undefined {
    const within = samples.filter(({ at }) => at >= from && at <= to);
    return within.length === 0
        ? undefined
        : {
              processes: Math.max(...within.map(({ processes }) => processes)),
              mb: Math.max(...within.map(({ mb }) => mb)),
          };
}

function withDescendants(pid: number): number[] {
    const all = existsSync(`/proc/${pid}`) ? [pid] : [];
    for (const each of all) {
        all.push(...childrenOf(each));
    }
    return all;
}

/** Each thread of a process has its own list of those that it has started. */
function childrenOf(pid: number): number[] {
    const lists = orNone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
    return lists
        .flatMap((task) => (orNone(() => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8")) ?? "").split(" "))
        .filter((child) => child !== "")
        .map(Number);
}

function proportionalMb(pid: number): number {
    const rollup = orNone(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? "";
    const [, kilobytes = 0] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? [];
    return Number(kilobytes) / 1024;
}

/** A process can end between two looks at it: then there is nothing more to know of it. */
function orNone<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch {
        return undefined;
    }
}
