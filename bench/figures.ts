import { spread, written } from "./statistics";

/** A figure of each run: null where the run has none, undefined where the run could not be measured. */
export type Figures<T = number> = (T | null | undefined)[];

/** Takes something of each run, which may have none of it. */
export function each<T, R>(runs: readonly (T | undefined)[], take: (run: T) => R | undefined): Figures<R> {
    return runs.map((run) => (run === undefined ? undefined : (take(run) ?? null)));
}

/** The figures that there are. */
export function known<T>(figures: Figures<T>): T[] {
    return figures.filter((figure): figure is T => figure !== undefined && figure !== null);
}

/**
 * Figures as a table cell: their spread, and of how many runs it is not.
 *
 * @param none what is said of a run that has none
 */
export function cell(figures: Figures, digits: number, none = "none"): string {
    const found = known(figures);
    const count = (kind: null | undefined) => figures.filter((figure) => figure === kind).length;
    const lacking = [[none, count(null)] as const, ["not measured", count(undefined)] as const].filter(
        ([, runs]) => runs > 0,
    );
    if (figures.length === 0) {
        return "not measured";
    }
    if (found.length === 0 && lacking.length === 1) {
        return lacking[0]?.[0] ?? none;
    }
    const spreads = found.length === 0 ? [] : [written(spread(found), digits)];
    return [...spreads, ...lacking.map(([what, runs]) => `${what} in ${runs} of ${figures.length}`)].join("; ");
}

/** One figure over the other, run by run: null where either run has none, undefined where one was not measured. */
export function quotients(ours: Figures, theirs: Figures): Figures {
    return ours.map((mine, i) => {
        const its = theirs[i];
        if (mine === undefined || its === undefined) {
            return undefined;
        }
        return mine === null || its === null || its === 0 ? null : mine / its;
    });
}
