import type { Contender } from "./contender";
import type { Growth } from "./growth";
import type { KillRun } from "./kill";
import type { Shown } from "./preview";
import type { RotationRun } from "./rotation";
import type { RotatorCost } from "./rotator";
import type { StatusCost } from "./status";

/** What each run has found: undefined where it could not be measured, so that runs stay side by side. */
export type Runs<T> = (T | undefined)[];

/** All that was measured of one contender, a figure for each run. */
export interface Measured {
    /** Rotations where Azure sends no Retry-After, and where it does. */
    silent: Runs<RotationRun>;
    told: Runs<RotationRun>;
    kills: Runs<KillRun>;
    previews: Runs<Shown>;
    /** Seconds of runs that change nothing. */
    noOps: Runs<number>;
}

/** All that a run of the bench has found. */
export interface Results {
    contenders: { contender: Contender; measured: Measured }[];
    /** Seconds of runs that change nothing, of a program that knows nothing of rotations. */
    plainNoOps: Runs<number>;
    /** By number of clusters; each of as many runs as the rest. */
    growth: { clusters: number; runs: Runs<Growth> }[];
    /** Undefined where it could not be measured. */
    rotator: RotatorCost | undefined;
    /** Over so many clusters. */
    status: (StatusCost & { clusters: number }) | undefined;
    /** What was not measured, and why: one sentence each. */
    leftOut: string[];
    runs: number;
    /** Where and with what, one line each. */
    made: string[];
}

/** Nothing yet. */
export function nothingMeasured(): Measured {
    return { silent: [], told: [], kills: [], previews: [], noOps: [] };
}
