import assert from "node:assert/strict";
import { send } from "../support/processes";
import { faults, type Trial } from "../support/trial";
import { pointNamed } from "./points";

const where = "while Azure rotates";

/** What the error of a cancelled `up` says, after all else. */
const goesOn = /It goes on by itself, even if this run is interrupted: the next pulumi up picks it up/;

/** What it says where Azure has not answered yet. */
const findsOut = /If this run is interrupted from here on, the next pulumi up finds out what came of it/;

const found = { outcome: "found rotated" } as const;

/** A terminal sends SIGINT to the engine alone: its plugins, and the program's host among them, are in groups of their own. */
faults("Cancel", { rotationSeconds: 1 }, (fault) => {
    fault("Ctrl-C, once", where, found, (trial) => cancel(trial, ["SIGINT"]));
    fault("Ctrl-C, twice", where, found, (trial) => cancel(trial, ["SIGINT", "SIGINT"]));
    fault("SIGTERM, as a pipeline cancels", where, found, (trial) => cancel(trial, ["SIGTERM"]));
    fault("Ctrl-C, once", "between POST and answer", found, async (trial) => {
        const { scene, generation } = trial;
        const held = pointNamed("between POST and answer").prepare(scene);
        const { failed } = await trial.begins();
        const cast = await held.reached("engine");
        trial.follow(cast.all);
        send("SIGINT", [cast.engine]);
        const message = await failed;
        held.release();
        assert.deepEqual(await trial.state(), { intent: generation, record: generation - 1, pending: 0 });
        const saw = findsOut.exec(message)?.[0] ?? assert.fail(message);
        trial.turnPage();
        await trial.succeeds();
        trial.read(/Rotated since generation \d+ was asked for, not by this run; verified/);
        return saw;
    });
    fault("Ctrl-C, once", "while an up waits for the rotation of one that was killed", found, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const { failed } = await trial.begins();
        await trial.said(/The cluster is RotatingClusterCertificates/, failed);
        const { rotator, all } = scene.cast;
        trial.follow(all);
        send("SIGKILL", [rotator]);
        await failed;
        return cancel(trial, ["SIGINT"], /A rotation is under way that this run has not started/);
    });
});

/** @param waits what is said when it is time */
async function cancel(
    trial: Trial,
    signals: NodeJS.Signals[],
    waits = /The cluster is RotatingClusterCertificates/,
): Promise<string> {
    const { scene, generation } = trial;
    scene.control.set(scene.ref, { rotationSeconds: 10_000 });
    const { failed } = await trial.begins();
    await trial.said(waits, failed);
    const cast = scene.cast;
    trial.follow(cast.all);
    for (const signal of signals) {
        send(signal, [cast.engine]);
        await scene.said(signal === "SIGINT" ? /\^C received/ : /SIGTERM received/);
    }
    const message = await failed;
    assert.equal(scene.cluster.provisioningState, "RotatingClusterCertificates", "Azure's operation goes on");
    // At the second one the engine leaves all as it is, and tells nothing more.
    const twice = signals.length > 1;
    const saw = goesOn.exec(twice ? scene.shown : message)?.[0] ?? assert.fail(message);
    assert.deepEqual(await trial.state(), { intent: generation, record: generation - 1, pending: twice ? 1 : 0 });
    await scene.control.endOperation(scene.ref, "Succeeded");
    trial.turnPage();
    await trial.succeeds();
    trial.read(/Rotated since generation \d+ was asked for, not by this run; verified/);
    return saw;
}

faults("The engine", { rotationSeconds: 1 }, (fault) => {
    fault("the engine", "skips its checkpoints", {}, async (trial) => {
        const { scene } = trial;
        const { envVars } = scene.project.stack.workspace;
        envVars.PULUMI_SKIP_CHECKPOINTS = "true";
        const before = scene.rotations;
        const message = await trial.fails();
        assert.equal(scene.rotations, before);
        delete envVars.PULUMI_SKIP_CHECKPOINTS;
        await trial.succeeds();
        return /PULUMI_SKIP_CHECKPOINTS is "true"/.exec(message)?.[0] ?? assert.fail(message);
    });
});
