import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import type { Step } from "./engine-run";
import type { Stage } from "./stage";

/** How a run of a contender ended. */
export interface Ending {
    /** Why it failed, in its own words; undefined if it did not. */
    failed: string | undefined;
    /** Resources in the cluster that the engine replaced or deleted, or was about to; undefined where there is no engine. */
    replaced: number | undefined;
    /** Seconds of it that only the bench needs: they count for nothing. */
    prepared: number;
}

/** A contender at a cluster: it has its credentials, and its workload is there. */
export interface Trial extends AsyncDisposable {
    /** The namespace of its workload. */
    namespace: string;
    /** Rotates, and then writes the mark into the workload; the same mark again: what a user does after a failure. */
    rotate(mark: string): Promise<Ending>;
    /** Its process, that all others come from, while one runs. */
    pid(): number | undefined;
    /** After all its processes were killed: what must be done by hand before it can be run again. */
    unlock(): Promise<string[]>;
    /** Of those who have one: what a preview of a rotation, with a new mark, shows, and how long it takes. */
    preview?(mark: string): Promise<{ steps: Step[]; seconds: number }>;
    /** Of those who have one: what a run does for which nothing has changed, and how long it takes. */
    again?(): Promise<{ steps: Step[]; seconds: number }>;
}

/** A way to rotate. */
export interface Contender {
    /** As the page names it. */
    name: string;
    /** One word, for file names and the chart. */
    word: string;
    /** Why it cannot run here; undefined if it can. */
    missing?: string;
    /** Whether it has no engine, and so neither previews nor runs that change nothing. */
    noEngine?: true;
    /** Sets it up at a cluster. It may rotate it. */
    open(stage: Stage, ref: ClusterRef): Promise<Trial>;
}
