import assert from "node:assert/strict";
import { type Cast, runs, send, until } from "../support/processes";
import { type Point, points } from "./points";
import { faults, type Trial } from "./trial";

/** Who is killed, by SIGKILL. */
interface Victim {
    name: string;
    /** Who must not go on when only the end of an `up` is left; undefined: nothing of it is there any more by then. */
    stopped: "engine" | "plugin" | undefined;
    /** Whether the engine is killed too, so that the stack stays locked. */
    engine: boolean;
    /** Whether the program is in a process of its own. */
    apart: boolean;
    /** What the user reads at the end of the killed `up`. */
    reads: RegExp;
    kill(cast: Cast, program: number): void;
}

const victims: Victim[] = [
    {
        name: "the rotator",
        stopped: undefined,
        engine: false,
        apart: false,
        reads: /signal: killed/,
        kill: ({ rotator }) => send("SIGKILL", [rotator]),
    },
    {
        name: "the command plugin",
        stopped: "plugin",
        engine: false,
        apart: false,
        reads: /error reading from server: EOF|connection reset|transport is closing/,
        kill: ({ plugin }) => send("SIGKILL", [plugin]),
    },
    {
        name: "the engine",
        stopped: "engine",
        engine: true,
        apart: false,
        reads: /code: -\d/,
        kill: ({ engine }) => send("SIGKILL", [engine]),
    },
    {
        name: "the process group",
        stopped: "engine",
        engine: true,
        apart: true,
        reads: /the process of the program was killed/,
        kill: (_cast, program) => process.kill(-program, "SIGKILL"),
    },
    {
        name: "every process",
        stopped: "engine",
        engine: true,
        apart: true,
        reads: /the process of the program was killed/,
        kill: ({ all }, program) => send("SIGKILL", [program, ...all]),
    },
];

faults("SIGKILL", { rotationSeconds: 1 }, (fault) => {
    for (const victim of victims) {
        for (const point of points) {
            const { stopped } = victim;
            const atTheEnd = point === points.at(-1);
            if (!(atTheEnd && stopped === undefined)) {
                const outcome = point.begun ? "found rotated" : "rotated";
                fault(victim.name, point.name, { outcome }, (trial) => kill(trial, victim, point));
            }
        }
    }
});

/** An `up` whose processes are killed, and the one that finishes the job. */
async function kill(trial: Trial, victim: Victim, point: Point): Promise<string> {
    const { scene, generation } = trial;
    const held = point.prepare(scene);
    const { failed, program } = await trial.begins(victim.apart);
    const cast = await Promise.race([
        held.reached(victim.stopped ?? "plugin"),
        failed.then((message) => assert.fail(`the up ended before ${point.name}: ${message}`)),
    ]);
    trial.follow(cast.all);
    victim.kill(cast, program);
    const message = await failed;
    // What was only stopped can go on, and see that its engine is gone. No rotator must be left that could still act.
    send("SIGCONT", cast.all);
    await until(() => cast.rotator === undefined || !runs(cast.rotator));
    held.release();

    assert.match(message, victim.reads);
    if (point.begun && point.name !== "between POST and answer") {
        trial.read(/Azure has accepted the rotation/);
    }
    assert.deepEqual(await trial.state(), {
        intent: point.asked ? generation : generation - 1,
        record: generation - 1,
        pending: victim.engine ? 1 : 0,
    });
    if (victim.engine) {
        await scene.project.stack.cancel();
    }
    scene.log = "";
    await trial.succeeds();
    return trial.read(
        point.begun
            ? /not by this run[^.\n]*|RotatingClusterCertificates|generation/
            : /Azure has accepted the rotation[^.]*\./,
    );
}
