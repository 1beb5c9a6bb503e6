import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { send, until } from "../tests/support/processes";
import type { Contender } from "./contender";
import { treeOf } from "./process-tree";
import { quick } from "./rotation";
import type { Stage } from "./stage";

/** What came of a kill in mid rotation. */
export interface KillRun {
    /** Rotations that the cluster counted in the end. */
    rotations: number;
    /** What a person had to do, in order. */
    steps: string[];
    /** Whether the workload was reached in the end. */
    reached: boolean;
}

/** After so many runs that failed a person would look for another way. */
const patience = 3;

/** Kills all processes of a contender once Azure has begun its rotation, and runs it again until it ends well. */
export async function measureKill(stage: Stage, contender: Contender, ref: ClusterRef): Promise<KillRun> {
    const { control } = stage;
    control.set(ref, quick);
    await using trial = await contender.open(stage, ref);
    control.set(ref, { ...quick, rotationSeconds: 5 });
    const before = control.cluster(ref).rotations.started;
    const mark = `killed-${Date.now()}`;
    const killed = trial.rotate(mark);
    await until("the rotation", () => control.cluster(ref).rotations.started > before);
    send("SIGKILL", treeOf(trial.roots()));
    await killed;
    const steps = await trial.unlock();
    for (let run = 1; run <= patience; run++) {
        const { failed } = await trial.rotate(mark);
        steps.push(run === 1 ? "run it again" : "and again");
        if (failed === undefined) {
            return { rotations: control.cluster(ref).rotations.started - before, steps, reached: true };
        }
        stage.progress(`${contender.word}, run again: ${failed}`);
        await control.waitUntilIdle(ref);
    }
    return { rotations: control.cluster(ref).rotations.started - before, steps, reached: false };
}
