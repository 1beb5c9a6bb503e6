/** Minimum, median and maximum of some figures. */
export interface Spread {
    min: number;
    median: number;
    max: number;
    /** The figures themselves, in the order in which they were measured. */
    figures: readonly number[];
}

/**
 * The spread of at least one figure.
 *
 * @throws RangeError without figures
 */
export function spread(figures: readonly number[]): Spread {
    const sorted = [...figures].sort((a, b) => a - b);
    const [min] = sorted;
    const max = sorted.at(-1);
    if (min === undefined || max === undefined) {
        throw new RangeError("a spread needs at least one figure");
    }
    const half = Math.floor(sorted.length / 2);
    const upper = sorted[half] ?? max;
    return { min, figures, median: sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? min) + upper) / 2, max };
}

/** A spread as a table cell: "1.02 (0.98 to 1.11)". */
export function written({ min, median, max }: Omit<Spread, "figures">, digits = 2): string {
    return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}
