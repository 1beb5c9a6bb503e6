import { setTimeout } from "node:timers/promises";
import { castOf, until } from "../support/processes";
import type { Scene } from "../support/scene";
import { Trial } from "../support/trial";
import { type Victim, victims } from "../support/victims";
import type { Run } from "./run";

/** What a run came to, where it went well. */
export interface Played {
    /** Whether the `up` was killed, rather than done before. */
    killed: boolean;
    /** The record's outcome. */
    outcome: string;
}

/**
 * Plays a run: an `up` that is killed, and right after it the one that finishes the job.
 *
 * @param engineMs how long the engine of an undisturbed `up` runs, without what Azure takes
 * @throws AssertionError when the promise was broken; Error when the second `up` does not end well
 */
export async function play(scene: Scene, run: Run, engineMs: number): Promise<Played> {
    const victim: Victim = victims[run.victim];
    const { rotationSeconds, credentialsLagSeconds, slowReturnSeconds } = run;
    const trial = new Trial(scene);
    scene.control.set(scene.ref, { rotationSeconds, credentialsLagSeconds, slowReturnSeconds });
    try {
        const { ended, program } = await begin(trial, victim.apart);
        let over = false;
        const end = ended.then((message) => {
            over = true;
            trial.failures += message ?? "";
        });
        await until(() => over || cast(scene) !== undefined);
        const azureMs = (rotationSeconds + credentialsLagSeconds + slowReturnSeconds) * 1000;
        await Promise.race([end, setTimeout(run.moment * (engineMs + azureMs))]);
        const killed = kill(scene, trial, victim, program);
        await end;
        if (killed && victim.engine) {
            await scene.project.stack.cancel();
        }
        const { outcome } = await trial.succeeds();
        await trial.check({ outcome: "any" });
        scene.args = { ...scene.args, rotationGeneration: trial.generation };
        return { killed, outcome };
    } catch (error) {
        trial.abandon();
        throw error;
    }
}

async function begin({ scene, generation, follow }: Trial, apart: boolean) {
    if (!apart) {
        const ended = scene.up(generation).then(
            () => undefined,
            (error: Error) => error.message,
        );
        return { ended, program: process.pid };
    }
    const { pid, ended } = await scene.upApart(generation);
    follow([pid]);
    return { ended, program: pid };
}

/** Kills what is there of a victim; nothing, where the `up` is at its end. */
function kill(scene: Scene, trial: Trial, victim: Victim, program: number): boolean {
    const found = cast(scene);
    if (found === undefined) {
        return false;
    }
    trial.follow(found.all);
    victim.kill(found, program);
    return true;
}

function cast(scene: Scene) {
    try {
        return castOf(scene.project.directory);
    } catch {
        return undefined;
    }
}
