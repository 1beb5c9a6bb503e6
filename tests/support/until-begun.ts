/** Pulumi's SDK on a busy machine: the program has not reached its engine, and nothing has been done (see program.ts). */
const hasNotBegun =
    /errors occurred: 14 UNAVAILABLE: No connection established|cannot be deleted\s+because it is protected/;

/** A run of the engine; once more where Pulumi's SDK has not even begun it. */
export function untilBegun<T>(run: () => Promise<T>): Promise<T> {
    return run().catch((error: Error) => {
        if (hasNotBegun.test(error.message)) {
            return run();
        }
        throw error;
    });
}
