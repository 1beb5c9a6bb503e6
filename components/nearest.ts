/**
 * The known word that a misspelled one most likely stands for; undefined where none is close: at most one typing error
 * for each three letters, upper and lower case being the same.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
    const limit = Math.max(1, Math.floor(word.length / 3));
    const distances = known.map((candidate) => ({
        candidate,
        distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }));
    return distances.filter(({ distance }) => distance <= limit).sort((one, other) => one.distance - other.distance)[0]
        ?.candidate;
}

/** A question that names the nearest known word, after a space; empty where none is close. */
export function didYouMean(word: string, known: readonly string[]): string {
    const found = nearest(word, known);
    return found === undefined ? "" : ` Did you mean ${found}?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text the other (optimal string alignment). */
function editDistance(one: string, other: string): number {
    let [beforePrevious, previous]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= one.length; i++) {
        const row = [i];
        for (let j = 1; j <= other.length; j++) {
            const isSame = one[i - 1] === other[j - 1];
            const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
            row[j] = Math.min(
                at(previous, j) + 1,
                at(row, j - 1) + 1,
                at(previous, j - 1) + (isSame ? 0 : 1),
                isSwap ? at(beforePrevious, j - 2) + 1 : Number.POSITIVE_INFINITY,
            );
        }
        [beforePrevious, previous] = [previous, row];
    }
    return at(previous, other.length);
}

function at(row: readonly number[], index: number): number {
    return row[index] ?? Number.POSITIVE_INFINITY;
}
