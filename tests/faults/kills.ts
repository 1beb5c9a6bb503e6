import assert from "node:assert/strict";
import { anyRuns, send, until } from "../support/processes";
import { holdsRecords } from "../support/record-hold";
import { asked, notAsked } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { type Victim, type VictimName, victims } from "../support/victims";
import { type Held, notSaidYet, type Point, points, rotatorOf } from "./points";

/** Declares the chapter of a victim: it is killed at every point of an `up`. */
export function kills(name: VictimName): void {
    const victim: Victim = victims[name];
    faults("SIGKILL", { rotationSeconds: 1, environment: holdsRecords }, (fault) => {
        for (const point of points) {
            const outcome = point.begun ? "found rotated" : "rotated";
            fault(name, point.name, { outcome }, (trial) => kill(trial, victim, point));
        }
    });
}

/**
 * An `up` whose processes are killed, and the one that finishes the job.
 *
 * @param orphan what becomes of a rotator that was not killed: what it waits for comes once it has ended itself, or at
 * once, so that it could still act
 */
export async function kill(
    trial: Trial,
    victim: Victim,
    point: Point,
    orphan: "is held" | "goes on" = "is held",
): Promise<string> {
    const { scene } = trial;
    const before = scene.rotations;
    const held = point.prepare(scene);
    const begun = await trial.begins(victim.apart);
    const cast = await Promise.race([
        held.reached(victim.stopped),
        begun.ended.then((message) => assert.fail(`the up ended before ${point.name}: ${message}`)),
    ]);
    trial.follow(cast.all);
    const rotator = rotatorOf(cast);
    // What a process has said is on its way for a while.
    for (const words of Object.values(point.told ?? {})) {
        await trial.said(words, begun);
    }
    for (const words of notSaidYet(point)) {
        assert.doesNotMatch(scene.shown, words);
    }
    const dying = victim.dies(cast, begun.program);
    assert.ok(anyRuns([dying[0]]), "whoever is to be killed runs");
    assert.deepEqual(
        { state: scene.cluster.provisioningState, rotations: scene.rotations - before },
        { state: point.state, rotations: point.begun ? 1 : 0 },
        `the cluster ${point.name}`,
    );
    assert.ok(victim.kill(cast, begun.program), "somebody was killed");
    if (orphan === "goes on") {
        held.release();
    }
    await until("the end of who was killed", () => !anyRuns(dying));
    await begun.ended;
    // What was only stopped can go on, and see that its engine is gone. No rotator must be left that could still act.
    send("SIGCONT", cast.all);
    await until("the end of the rotator", () => !anyRuns([rotator]));
    await until("the end of its request", () => scene.control.faults().every(({ holding }) => holding === 0));

    const dead = "nothing was asked for yet, and who could have said so was killed";
    await begun.fails({
        happened: victim.reads,
        cluster: point.told === undefined ? { untold: dead } : { earlier: point.told.cluster },
        todo: point.told === undefined ? { untold: dead } : { earlier: point.told.todo },
        state: { ...(point.asked ? asked : notAsked), pending: victim.engine ? 1 : 0 },
    });
    if (victim.engine) {
        if (point.name === "while Azure rotates") {
            await findsLock(trial);
        }
        await scene.project.stack.cancel();
    }
    const begunBefore = scene.rotations > before;
    assert.equal(
        begunBefore,
        point.begun || orphanRotates(point, orphan),
        "whether the killed up has begun a rotation",
    );
    await finish(trial, point, held);
    return trial.read(
        begunBefore ? /Rotated since generation \d+ was asked for, not by this run; verified/ : /Rotated and verified/,
    );
}

/** Whether an orphan that goes on has it rotated: only if its request had been sent. */
function orphanRotates({ name }: Point, orphan: "is held" | "goes on"): boolean {
    return orphan === "goes on" && name === "while the POST is on its way";
}

/** An `up` without `pulumi cancel`, where an engine was killed. */
async function findsLock(trial: Trial): Promise<void> {
    trial.turnPage();
    await trial.fails({
        happened: /the stack is currently locked by 1 lock\(s\)/,
        cluster: { untold: "Pulumi stops before anybody looks at the cluster" },
        todo: /wait for the other process\(es\) to end or delete the lock file with `pulumi cancel`/,
        state: { ...asked, pending: 1 },
    });
}

/** The `up` that finishes the job. It meets the rotation that is under way, where there is one. */
async function finish(trial: Trial, { state }: Point, held: Held): Promise<void> {
    const { scene } = trial;
    if (state === "Succeeded") {
        await held.release();
    }
    trial.turnPage();
    const finished = trial.succeeds();
    if (state !== "Succeeded") {
        const early = finished.then(() => assert.fail("the up has not seen the rotation that is under way"));
        await Promise.race([scene.said(/A rotation is under way that this run has not started/), early]);
        await held.release();
    }
    await finished;
}

/** An `up` whose rotator is killed when Azure has rotated, but still hands out the old credentials; and the next one. */
export async function killWhileOld(trial: Trial): Promise<string> {
    const { scene } = trial;
    scene.control.set(scene.ref, { credentialsLagSeconds: 12 });
    const begun = await trial.begins();
    await trial.said(/waiting for the new credentials/, begun);
    const { rotator, all } = scene.cast;
    trial.follow(all);
    assert.ok(send("SIGKILL", [rotator]), "the rotator runs");
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
