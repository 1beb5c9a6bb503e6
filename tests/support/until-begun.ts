import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** Pulumi's SDK on a busy machine: the program has not reached its engine, and nothing has been done (see program.ts). */
const hasNotBegun =
    /errors occurred: 14 UNAVAILABLE: No connection established|cannot be deleted\s+because it is protected/;

/** What a file is called in which a process counts what it has run again: a line for each. */
export const repeatsSuffix = ".repeats";

/** A run of the engine; once more where Pulumi's SDK has not even begun it, which is told at the end of all tests. */
export function untilBegun<T>(run: () => Promise<T>): Promise<T> {
    return run().catch((error: Error) => {
        if (hasNotBegun.test(error.message)) {
            const folder = process.env.TESTS_REPORT;
            if (folder !== undefined) {
                appendFileSync(join(folder, `${process.pid}${repeatsSuffix}`), "again\n");
            }
            return run();
        }
        throw error;
    });
}
