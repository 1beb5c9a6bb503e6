import type { ClusterRef, RequestEntry } from "../rehearsal/local-aks/local-aks";
import type { Contender, Ending } from "./contender";
import type { Pace } from "./plan";
import { atOnce } from "./plan";
import { mostBetween, Sampler } from "./sampler";
import type { Stage } from "./stage";
import { Watch, type Watched } from "./watch";

/**
 * One rotation by one contender; times in seconds from its start. What is watched goes on until it has ended well, where it
 * has to be run again; the rest is of the first run.
 */
export interface RotationRun extends Watched, Ending {
    /** Seconds of the whole run. */
    seconds: number;
    /** When Azure first handed out credentials after the rotation; undefined if nobody asked for them. */
    credentials: number | undefined;
    /** Most memory of all its processes while Azure rotated, in MB; undefined where the system does not tell. */
    waitingMb: number | undefined;
    /** Most processes meanwhile. */
    processes: number | undefined;
    /** Requests to Azure and its sign-in service, in all. */
    requests: number;
    /** Of those, between the rotation's start and its end, per minute. */
    requestsPerMinute: number;
    /** What running it again came to, where it had failed. */
    again: string | undefined;
    /** Resources in the cluster that were replaced or deleted when it was run again. */
    againReplaced: number | undefined;
}

let marks = 0;

/**
 * Sets a contender up at a cluster, lets it rotate, and watches.
 *
 * @throws Error when the cluster was not rotated exactly once
 */
export async function measureRotation(
    stage: Stage,
    contender: Contender,
    ref: ClusterRef,
    pace: Pace,
): Promise<RotationRun> {
    const { control } = stage;
    control.set(ref, atOnce);
    await using trial = await contender.open(stage, ref);
    control.set(ref, pace);
    control.clearRequests();
    const started = control.cluster(ref).rotations.started;
    const mark = `mark-${++marks}`;
    const watch = new Watch(stage, ref, trial.namespace);
    const sampler = new Sampler(() => trial.pid());
    const began = performance.now() / 1000;
    let ending: Ending;
    let again: Ending | undefined;
    let watched: Watched;
    let seconds: number;
    let log: RequestEntry[];
    let rotations: number;
    try {
        ending = await trial.rotate(mark);
        seconds = performance.now() / 1000 - began - ending.prepared;
        log = control.requests();
        rotations = control.cluster(ref).rotations.started - started;
        if (ending.failed !== undefined && rotations === 1) {
            control.set(ref, atOnce);
            again = await trial.rotate(mark);
        }
        watched = await watch.end(mark);
    } finally {
        await watch.abandon();
        await sampler.stop();
    }
    if (rotations !== 1) {
        throw new Error(`One rotation was expected, and there were ${rotations}: ${ending.failed ?? "it ended well"}.`);
    }
    const requests = timesOf(log);
    const handedOut = timesOf(control.requests(ref).filter(isHandedOut));
    const waiting = requests.filter((time) => time >= watched.began && time <= watched.ended).length;
    // Its start and its end are at hand: what a process needs for its own start is no waiting.
    const samples = await sampler.stop();
    const most = mostBetween(samples, (watched.began + 1) * 1000, watched.ended * 1000);
    const since = (time: number) => time - began - ending.prepared;
    const reached = watched.downstream === undefined ? undefined : since(watched.downstream);
    return {
        ...ending,
        began: since(watched.began),
        ended: since(watched.ended),
        outages: watched.outages.map(([from, to]) => [since(from), since(to)]),
        downstream: reached === undefined ? undefined : reached - (reached > seconds ? (again?.prepared ?? 0) : 0),
        absent: watched.absent,
        recreated: watched.recreated,
        seconds,
        credentials: firstAfter(handedOut, watched.ended, since),
        waitingMb: most?.mb,
        processes: most?.processes,
        requests: requests.length,
        requestsPerMinute: (waiting / (watched.ended - watched.began)) * 60,
        again: again && (again.failed ?? "ended well"),
        againReplaced: again?.replaced,
    };
}

function isHandedOut({ kind, status }: RequestEntry): boolean {
    return /^listCluster.*Credential$/.test(kind) && status === 200;
}

/** Times of requests to Azure, on the clock of `performance.now()`, in seconds; the log has whole milliseconds of the other. */
function timesOf(requests: readonly RequestEntry[]): number[] {
    const offset = Date.now() - performance.now();
    return requests
        .filter(({ kind }) => kind !== "apiServer" && kind !== "apiServerConnection" && kind !== "control")
        .map(({ time }) => (Date.parse(time) - offset) / 1000);
}

function firstAfter(times: readonly number[], end: number, since: (time: number) => number): number | undefined {
    const found = times.find((time) => time >= end - 0.002);
    return found === undefined ? undefined : since(found);
}
