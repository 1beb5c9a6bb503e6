import type { Contender, Shown } from "./contender";
import type { Growth } from "./growth";
import type { KillRun } from "./kill";
import type { NoOp } from "./no-op";
import type { RotationRun } from "./rotation";
import type { RotatorCost } from "./rotator";
import type { StatusCost } from "./status";

/** All that was measured of one contender, a figure for each run. */
export interface Measured {
    /** Rotations where Azure sends no Retry-After, and where it does. */
    silent: RotationRun[];
    told: RotationRun[];
    kills: KillRun[];
    previews: Shown[];
    /** Seconds of runs that change nothing. */
    noOps: number[];
}

/** All that a run of the bench has found. */
export interface Results {
    contenders: { contender: Contender; measured: Measured }[];
    /** By number of clusters; each of as many runs as the rest. */
    growth: Growth[][];
    /** Undefined where it was left out. */
    noOp: NoOp | undefined;
    rotator: RotatorCost;
    /** Over so many clusters. */
    status: StatusCost & { clusters: number };
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
