import assert from "node:assert/strict";
import { anyRuns, send, until } from "../support/processes";
import { asked, notAsked } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { type Victim, type VictimName, victims } from "../support/victims";
import { type Point, points } from "./points";

/** Declares the chapter of a victim: it is killed at every point of an `up`. */
export function kills(name: VictimName): void {
    const victim: Victim = victims[name];
    faults("SIGKILL", { rotationSeconds: 1 }, (fault) => {
        for (const point of points) {
            const outcome = point.begun ? "found rotated" : "rotated";
            // Whoever is not stopped cannot be caught between its last check and its end.
            const where = (victim.stopped === undefined && point.held) || point.name;
            fault(name, where, { outcome }, (trial) => kill(trial, victim, point));
        }
    });
}

/** An `up` whose processes are killed, and the one that finishes the job. */
export async function kill(trial: Trial, victim: Victim, point: Point): Promise<string> {
    const { scene } = trial;
    const held = point.prepare(scene);
    const begun = await trial.begins(victim.apart);
    const cast = await Promise.race([
        held.reached(victim.stopped),
        begun.ended.then((message) => assert.fail(`the up ended before ${point.name}: ${message}`)),
    ]);
    trial.follow(cast.all);
    victim.kill(cast, begun.program);
    await begun.ended;
    // What was only stopped can go on, and see that its engine is gone. No rotator must be left that could still act.
    send("SIGCONT", cast.all);
    await until("the end of the rotator", () => !anyRuns([cast.rotator]));
    await until("the end of its request", () => scene.control.faults().every(({ holding }) => holding === 0));
    held.release();

    const accepted = point.begun && point.name !== "between POST and answer";
    const dead = "who could have said it was killed";
    await begun.fails({
        happened: victim.reads,
        cluster: accepted ? { earlier: /Azure has accepted the rotation/ } : { untold: dead },
        todo: accepted
            ? { earlier: /the next pulumi up picks it up and does not rotate a second time/ }
            : { untold: dead },
        state: { ...(point.asked ? asked : notAsked), pending: victim.engine ? 1 : 0 },
    });
    if (victim.engine) {
        await scene.project.stack.cancel();
    }
    trial.turnPage();
    await trial.succeeds();
    return trial.read(
        point.begun ? /Rotated since generation \d+ was asked for, not by this run; verified/ : /Rotated and verified/,
    );
}

/** An `up` whose rotator is killed when Azure has rotated, but still hands out the old credentials; and the next one. */
export async function killWhileOld(trial: Trial): Promise<string> {
    const { scene } = trial;
    scene.control.set(scene.ref, { credentialsLagSeconds: 12 });
    const begun = await trial.begins();
    await trial.said(/waiting for the new credentials/, begun);
    const { rotator, all } = scene.cast;
    trial.follow(all);
    send("SIGKILL", [rotator]);
    await begun.fails({
        happened: /signal: killed/,
        cluster: /Azure says Succeeded; waiting for the new credentials/,
        todo: /the next pulumi up picks it up and does not rotate a second time/,
        state: asked,
    });
    trial.turnPage();
    await trial.succeeds();
    return trial.read(/Rotated since generation \d+ was asked for, not by this run; verified/);
}
