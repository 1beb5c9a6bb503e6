import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { anyRuns, send, until } from "../tests/support/processes";
import { look } from "./cluster-access";
import type { Contender } from "./contender";
import { atOnce } from "./plan";
import { treeOf } from "./process-tree";
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

/** So long that it goes on while the contender is run again, in seconds. */
const rotationSeconds = 10;

/**
 * Kills all processes of a contender once Azure has begun its rotation, and runs it again, while Azure still rotates, until
 * it ends well.
 *
 * @throws Error when nothing was killed in mid rotation
 */
export async function measureKill(stage: Stage, contender: Contender, ref: ClusterRef): Promise<KillRun> {
    const { control } = stage;
    control.set(ref, atOnce);
    await using trial = await contender.open(stage, ref);
    control.set(ref, { ...atOnce, rotationSeconds });
    const before = control.cluster(ref).rotations.started;
    const mark = `killed-${Date.now()}`;
    const killed = trial.rotate(mark);
    await Promise.race([killed, until("the rotation", () => control.cluster(ref).rotations.started > before)]);
    const pids = treeOf([trial.pid() ?? 0]);
    const sent = send("SIGKILL", pids);
    const { failed } = await killed;
    if (!sent || failed === undefined) {
        throw new Error(`Nothing was killed in mid rotation: ${failed ?? "it ended well"}.`);
    }
    await until("the end of what was killed", () => !anyRuns(pids));
    const steps = await trial.unlock();
    if (control.cluster(ref).provisioningState === "Succeeded") {
        throw new Error("The rotation ended before the contender was run again.");
    }
    control.set(ref, atOnce);
    const rotations = () => control.cluster(ref).rotations.started - before;
    for (let run = 1; run <= patience; run++) {
        const again = await trial.rotate(mark);
        steps.push(run === 1 ? "run it again" : "and again");
        if (again.failed === undefined) {
            const found = await look(control.kubeconfig(ref, "admin"), trial.namespace);
            return { rotations: rotations(), steps, reached: found.mark === mark };
        }
        stage.progress(`${contender.word}, run again: ${again.failed}`);
        await control.waitUntilIdle(ref);
    }
    return { rotations: rotations(), steps, reached: false };
}
