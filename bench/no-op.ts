import type { Trial } from "./contender";

/**
 * Times a run for which nothing has changed, in seconds; undefined for who has none.
 *
 * @throws Error when it does change something
 */
export async function measureNoOp(trial: Trial): Promise<number | undefined> {
    const run = await trial.again?.();
    const changed = run?.steps.filter(({ op }) => op !== "same" && op !== "read") ?? [];
    if (changed.length > 0) {
        const ops = [...new Set(changed.map(({ op }) => op))];
        throw new Error(`A run that should have changed nothing had: ${ops.join(", ")}.`);
    }
    return run?.seconds;
}
