import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** Pulumi's SDK on a busy machine: the program has not reached its engine, and nothing has been done (see program.ts). */
const hasNotBegun =
    /errors occurred: 14 UNAVAILABLE: No connection established|cannot be deleted\s+because it is protected/;

/** What a file is called in which a process counts what it has run again: a line for each. */
export const repeatsSuffix = ".repeats";

/** How often runs of the engine were made again, as a sentence. */
export function repeatsSentence(count: number): string {
    return `${count} times Pulumi's SDK lost its engine before anything was done, and that up was run again.`;
}

/** On a machine that is busy for a while it can be lost more than once in a row. */
const maximalRepeats = 3;

/**
 * A run of the engine; again, three times at most, where Pulumi's SDK has not even begun it, which is told at the end of all
 * tests.
 *
 * @param stands how the world stands: after a run that has not begun it must be as before
 * @param mayRepeat whether there can be another one still, asked when the first has failed. Default: yes
 * @throws AssertionError where a run that is said not to have begun has left something
 */
export async function untilBegun<T>(
    run: () => Promise<T>,
    stands: () => Promise<unknown>,
    mayRepeat = () => true,
): Promise<T> {
    const before = await stands();
    for (let repeats = 0; ; repeats++) {
        try {
            return await run();
        } catch (error) {
            const { message } = error as Error;
            if (!hasNotBegun.test(message) || repeats === maximalRepeats || !mayRepeat()) {
                throw error;
            }
            assert.deepEqual(await stands(), before, `an up that has not begun has left something: ${message}`);
            const folder = process.env.TESTS_REPORT;
            if (folder !== undefined) {
                appendFileSync(join(folder, `${process.pid}${repeatsSuffix}`), "again\n");
            }
        }
    }
}
