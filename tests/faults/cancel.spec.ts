import assert from "node:assert/strict";
import { send } from "../support/processes";
import { faults, type Trial } from "../support/trial";
import { pointNamed } from "./points";

const rotating = pointNamed("while Azure rotates");

/** A terminal sends SIGINT to the engine alone: its plugins, and the program's host among them, are in groups of their own. */
faults("Cancel", { rotationSeconds: 1 }, (fault) => {
    fault("Ctrl-C, once", rotating.name, { outcome: "found rotated" }, (trial) => cancel(trial, ["SIGINT"]));
    fault("Ctrl-C, twice", rotating.name, { outcome: "found rotated" }, (trial) => cancel(trial, ["SIGINT", "SIGINT"]));
    fault("SIGTERM, as a pipeline cancels", rotating.name, { outcome: "found rotated" }, (trial) =>
        cancel(trial, ["SIGTERM"]),
    );
});

async function cancel(trial: Trial, signals: NodeJS.Signals[]): Promise<string> {
    const { scene, generation } = trial;
    const held = rotating.prepare(scene);
    const { failed } = await trial.begins();
    const cast = await held.reached("engine");
    trial.follow(cast.all);
    for (const signal of signals) {
        send(signal, [cast.engine]);
        await scene.said(signal === "SIGINT" ? /\^C received/ : /SIGTERM received/);
    }
    await failed;
    const saw = trial.read(
        /It goes on by itself, even if this run is interrupted: the next pulumi up picks it up and does not rotate a second time/,
    );
    assert.equal(scene.cluster.provisioningState, "RotatingClusterCertificates", "Azure's operation goes on");
    held.release();
    // At the second one the engine leaves all as it is.
    const pending = signals.length - 1;
    assert.deepEqual(await trial.state(), { intent: generation, record: generation - 1, pending });
    scene.log = "";
    await trial.succeeds();
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
