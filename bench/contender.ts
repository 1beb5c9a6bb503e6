import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import type { Stage } from "./stage";

/** How a run of a contender ended. */
export interface Ending {
    /** Why it failed, in its own words; undefined if it did not. */
    failed?: string;
    /** Resources in the cluster that the engine replaced or deleted. */
    replaced: number;
}

/** What a preview of a rotation and of the changes beside it shows of the ten resources. */
export interface Shown {
    /** Of the resources that would change, those that are shown as changed, with what changes. */
    exact: number;
    /** Of all ten, those that are shown as to be replaced. */
    replaced: number;
    seconds: number;
}

/** A contender at a cluster: it has its credentials, and its workload is there. */
export interface Trial extends AsyncDisposable {
    /** The namespace of its workload. */
    namespace: string;
    /** Rotates, and then writes the mark into the workload; the same mark again: what a user does after a failure. */
    rotate(mark: string): Promise<Ending>;
    /** Processes that run for it now, the first ones alone: their children are found. */
    roots(): number[];
    /** After all its processes were killed: what must be done by hand before it can be run again. */
    unlock(): Promise<string[]>;
    /** Of those who have one: a preview of a rotation, with a new mark. */
    preview?(mark: string): Promise<Shown>;
    /** Of those who have one: a run that changes nothing. */
    noOp?(): Promise<void>;
}

/** A way to rotate. */
export interface Contender {
    /** As the page names it. */
    name: string;
    /** One word, for file names and the chart. */
    word: string;
    /** Why it cannot run here; undefined if it can. */
    missing?: string;
    /** Sets it up at a cluster. It may rotate it. */
    open(stage: Stage, ref: ClusterRef): Promise<Trial>;
}
