import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { RotationRecord } from "../../formats/record";
import { assertVerbose } from "../support/leaks";
import { castOf, until } from "../support/processes";
import type { Scene } from "../support/scene";
import { Trial } from "../support/trial";
import { type Victim, victims } from "../support/victims";
import type { Run } from "./run";

/** What a run came to, where it went well. */
export interface Played {
    /** Whether anybody was killed; else the `up` had ended before, or the victim was not there any more. */
    killed: boolean;
    /** The record's outcome. */
    outcome: RotationRecord["outcome"];
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
        await until("an engine", () => over || cast(scene) !== undefined);
        const azureMs = (rotationSeconds + credentialsLagSeconds + slowReturnSeconds) * 1000;
        await Promise.race([end, setTimeout(run.moment * (engineMs + azureMs))]);
        let killed = false;
        // Who is not there at that moment is killed as soon as it is.
        await until("the victim", () => {
            const found = cast(scene);
            trial.follow(found?.all ?? []);
            killed = found !== undefined && victim.kill(found, program);
            return killed || over;
        });
        await end;
        if (/cluster-(intent|rotation)/.test(scene.shown)) {
            // It has come so far that there was something to log.
            assertVerbose(scene.log);
        }
        // As it was left, before the next one writes it anew.
        await trial.assertNoSecrets();
        if (killed && victim.engine) {
            await scene.project.stack.cancel();
        }
        const { outcome } = await trial.succeeds();
        assert.notEqual(outcome, "adopted", "a cluster that is still there is not adopted again");
        await trial.check({ outcome });
        scene.args = { ...scene.args, rotationGeneration: trial.generation };
        return { killed, outcome };
    } catch (error) {
        trial.abandon();
        throw error;
    }
}

async function begin({ scene, generation, follow }: Trial, apart: boolean) {
    if (!apart) {
        const ended = scene.upOnce(generation).then(
            () => undefined,
            (error: Error) => error.message,
        );
        return { ended, program: process.pid };
    }
    const { pid, ended } = await scene.upApart(generation);
    follow([pid]);
    return { ended, program: pid };
}

function cast(scene: Scene) {
    try {
        return castOf(scene.project.directory);
    } catch {
        return undefined;
    }
}
