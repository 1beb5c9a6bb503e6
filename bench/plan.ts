/** How the local AKS rotates while it is measured. */
export interface Pace {
    rotationSeconds: number;
    /** Undefined: Azure sends none. */
    retryAfterSeconds: number | undefined;
}

/** For the rotations that belong to the setting up. */
export const atOnce: Pace = { rotationSeconds: 0, retryAfterSeconds: 1 };

/** What is measured, how often and for how long. */
export interface Plan {
    runs: number;
    /** Of each run, the first is 0; Azure sends no Retry-After. */
    silent: ((run: number) => Pace) | undefined;
    /** The same, where it does. */
    told: (run: number) => Pace;
    /** Numbers of clusters. */
    growth: number[];
    /** How many clusters `status` is asked about. */
    clustersOfStatus: number;
    leftOut: string[];
    /** Seconds after which nothing more is begun. */
    deadline?: number;
}

/**
 * How long a rotation takes in one of several runs, in seconds: so that its ends fall evenly between the looks of one who
 * looks every so many seconds, and nobody is lucky.
 *
 * @param run the first is 0
 */
export function rotationSeconds(every: number, rounds: number, run: number, runs: number): number {
    return every * (rounds + 0.5 + run / runs);
}

/**
 * How often az looks where Azure does not tell it when to, as AKS does not; and the shortest Retry-After of Azure, of
 * which https://learn.microsoft.com/rest/api/hdinsight/asynchronous-operations--202-accepted-and-location-header- tells.
 */
const [azEvery, toldEvery] = [30, 10];

/** Rotations of AKS are long, and who looks ever more seldom, up to 45 s, must not be measured in short ones alone. */
const isLong = (run: number) => run % 2 === 1;

/** What is measured of nobody but the component, and what is never itself here. */
const never = [
    "growth of the other contenders: the script and both programs by hand rotate one cluster each, as often as they are run",
    "the official azure-native plugin: only a stand-in answers from the local AKS",
];

/** All of it. */
export const full = (runs: number): Plan => ({
    runs,
    silent: (run) => ({
        rotationSeconds: rotationSeconds(azEvery, isLong(run) ? 2 : 0, run, runs),
        retryAfterSeconds: undefined,
    }),
    told: (run) => ({
        rotationSeconds: rotationSeconds(toldEvery, isLong(run) ? 4 : 1, run, runs),
        retryAfterSeconds: toldEvery,
    }),
    growth: [1, 10, 50, 100],
    clustersOfStatus: 100,
    leftOut: never,
});

/** What fits in five minutes. */
export const quickly: Plan = {
    runs: 1,
    silent: undefined,
    told: () => ({ rotationSeconds: 5, retryAfterSeconds: 2 }),
    growth: [1, 5],
    clustersOfStatus: 20,
    // What has begun by then has half a minute to end.
    deadline: 270,
    leftOut: [
        ...never,
        "--quick: rotations where Azure sends no Retry-After; az then looks every 30 s",
        "--quick: more than one run of each, so that minimum, median and maximum are one figure",
        "--quick: growth beyond 5 clusters, and status over more than 20",
    ],
};

/** Why nothing more of a plan is begun after so many seconds; undefined while there is time. */
export function timeIsUp({ deadline }: Plan, seconds: number): string | undefined {
    if (deadline === undefined || seconds < deadline) {
        return undefined;
    }
    return `${Math.floor(deadline / 60)} m ${String(deadline % 60).padStart(2, "0")} s were over`;
}

/** The same things, beginning with another one in each run: what wears a machine out, wears it out for all. */
export function inTurn<T>(things: readonly T[], run: number): T[] {
    const from = run % Math.max(1, things.length);
    return [...things.slice(from), ...things.slice(0, from)];
}

/** How long rotations take, for a reader. */
export function lengths(pace: (run: number) => Pace, runs: number): string {
    const seconds = Array.from({ length: runs }, (_, run) => pace(run).rotationSeconds);
    return seconds.map((each) => each.toLocaleString("en", { maximumFractionDigits: 1 })).join(", ");
}
