import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import type { Contender, Ending } from "./contender";
import { memoryOf, treeOf } from "./process-tree";
import type { Stage } from "./stage";
import { type Seen, Watch } from "./watch";

/** One rotation by one contender. */
export interface RotationRun extends Seen, Ending {
    /** Seconds of the whole run. */
    seconds: number;
    /** Most memory of all its processes while the rotation ran, in MB; 0 where the system does not tell. */
    waitingMb: number;
    /** Most processes meanwhile. */
    processes: number;
    /** Requests to Azure about the cluster, in all. */
    requests: number;
    /** Of those, between the rotation's start and its end, per minute. */
    requestsPerMinute: number;
    /** What running it again came to, where it had failed. */
    again: string | undefined;
}

/** How the local AKS rotates while it is measured. */
export interface Pace {
    rotationSeconds: number;
    /** Undefined: Azure sends none. */
    retryAfterSeconds: number | undefined;
}

/**
 * How long a rotation takes in one of several runs, in seconds: so that its ends fall evenly between the looks of one who
 * looks every so many seconds, and nobody is lucky.
 *
 * @param run the first is 0
 */
export function rotationSeconds(every: number, rotations: number, run: number, runs: number): number {
    return every * (rotations + 0.5 + run / runs);
}

/** For the rotations that belong to the setting up. */
export const quick: Pace = { rotationSeconds: 0, retryAfterSeconds: 1 };

let marks = 0;

/** Sets a contender up at a cluster, lets it rotate, and watches. */
export async function measureRotation(
    stage: Stage,
    contender: Contender,
    ref: ClusterRef,
    pace: Pace,
): Promise<RotationRun> {
    const { control } = stage;
    control.set(ref, quick);
    await using trial = await contender.open(stage, ref);
    control.set(ref, pace);
    control.clearRequests();
    const mark = `mark-${++marks}`;
    const watch = new Watch(stage, ref, trial.namespace, mark);
    const running = new AbortController();
    const sampling = sample(() => trial.roots(), running.signal);
    const began = performance.now();
    const ending = await trial.rotate(mark);
    const seconds = (performance.now() - began) / 1000;
    running.abort();
    const { memory, count } = await sampling;
    const times = control.requests(ref).map(({ time }) => Date.parse(time));
    let again: string | undefined;
    if (ending.failed !== undefined) {
        control.set(ref, quick);
        const second = await trial.rotate(mark);
        again = second.failed ?? "ended well";
        ending.replaced += second.replaced;
    }
    const seen = await watch.end();
    // What the second run of one that failed came to is told in words.
    const downstream = ending.failed === undefined ? seen.downstream : undefined;
    const last = control.cluster(ref).rotations.lastSeconds ?? 0;
    const end = performance.timeOrigin + began + (seen.ended ?? 0) * 1000;
    const waiting = times.filter((time) => time >= end - last * 1000 && time <= end).length;
    return {
        ...seen,
        ...ending,
        downstream,
        seconds,
        waitingMb: memory,
        processes: count,
        requests: times.length,
        requestsPerMinute: last > 0 ? (waiting / last) * 60 : 0,
        again,
    };
}

async function sample(roots: () => number[], ended: AbortSignal): Promise<{ memory: number; count: number }> {
    let [memory, count] = [0, 0];
    while (!ended.aborted) {
        const pids = treeOf(roots());
        memory = Math.max(memory, memoryOf(pids));
        count = Math.max(count, pids.length);
        await sleep(500);
    }
    return { memory, count };
}
