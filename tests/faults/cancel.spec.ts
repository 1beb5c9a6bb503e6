import assert from "node:assert/strict";
import { send } from "../support/processes";
import { asked } from "../support/told";
import { type Begun, faults, type Trial } from "../support/trial";
import { pointNamed } from "./points";

/** What a cancelled `up` has told, before or after the signal: that nothing is lost by it. */
const pickedUp = /the next pulumi up (picks it up|finds out)[^\n]*/;

const outcome = "found rotated";

/** A terminal sends SIGINT to the engine alone: its plugins, and the program's host among them, are in groups of their own. */
faults("Cancel", { rotationSeconds: 1 }, (fault) => {
    for (const [how, signals] of [
        ["Ctrl-C, once", ["SIGINT"]],
        ["Ctrl-C, twice", ["SIGINT", "SIGINT"]],
        ["SIGTERM, as a pipeline cancels", ["SIGTERM"]],
    ] as const) {
        fault(how, "while Azure rotates", { outcome }, async (trial) => {
            trial.scene.control.set(trial.scene.ref, { rotationSeconds: 10_000 });
            const begun = await trial.begins();
            await trial.said(/The cluster is RotatingClusterCertificates/, begun);
            const saw = await cancel(trial, begun, signals);
            await finish(trial);
            return saw;
        });
    }
    fault("Ctrl-C, once", "between POST and answer", { outcome }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const held = pointNamed("between POST and answer").prepare(scene);
        const begun = await trial.begins();
        await held.reached(undefined);
        const saw = await cancel(trial, begun, ["SIGINT"]);
        held.release();
        await finish(trial);
        return saw;
    });
    fault("Ctrl-C, once", "while a rotation of a killed up is waited for", { outcome }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const killed = await trial.begins();
        await trial.said(/The cluster is RotatingClusterCertificates/, killed);
        const { rotator, all } = scene.cast;
        trial.follow(all);
        send("SIGKILL", [rotator]);
        await killed.fails({
            happened: /signal: killed/,
            cluster: /The cluster is RotatingClusterCertificates/,
            todo: pickedUp,
            state: asked,
        });
        // What the first one has shown is no word of the second one.
        scene.shown = "";
        trial.turnPage();
        const waiting = await trial.begins();
        await trial.said(/A rotation is under way that this run has not started/, waiting);
        await trial.said(/The cluster is RotatingClusterCertificates/, waiting);
        const saw = await cancel(trial, waiting, ["SIGINT"]);
        await finish(trial);
        return saw;
    });
});

/** Sends signals to the engine of an `up` whose rotation is under way, and asserts what comes of it. */
async function cancel(trial: Trial, begun: Begun, signals: readonly NodeJS.Signals[]): Promise<string> {
    const { scene } = trial;
    const cast = scene.cast;
    trial.follow(cast.all);
    for (const signal of signals) {
        send(signal, [cast.engine]);
        await scene.said(signal === "SIGINT" ? /\^C received/ : /SIGTERM received/);
    }
    const message = await begun.ended;
    assert.equal(scene.cluster.provisioningState, "RotatingClusterCertificates", "Azure's operation goes on");
    // At the second one the engine leaves all as it is, and tells nothing more.
    const twice = signals.length > 1;
    const words = (what: RegExp) => (twice ? { earlier: what } : what);
    await begun.fails({
        happened: twice ? { earlier: /\^C received/ } : /signal: \w+|exit status 130|cancel/i,
        cluster: words(/RotatingClusterCertificates|It goes on by itself|Asking Azure to rotate/),
        todo: words(pickedUp),
        state: { ...asked, pending: twice ? 1 : 0 },
    });
    return pickedUp.exec(twice ? scene.shown : message)?.[0] ?? assert.fail(message);
}

/** The rotation ends, and the `up` that finishes the job. */
async function finish(trial: Trial): Promise<void> {
    const { scene } = trial;
    await scene.control.endOperation(scene.ref, "Succeeded");
    trial.turnPage();
    await trial.succeeds();
    trial.read(/Rotated since generation \d+ was asked for, not by this run; verified/);
}

faults("The engine", { rotationSeconds: 1 }, (fault) => {
    fault("the engine", "skips its checkpoints", {}, async (trial) => {
        const { scene } = trial;
        const { envVars } = scene.project.stack.workspace;
        envVars.PULUMI_SKIP_CHECKPOINTS = "true";
        const before = scene.rotations;
        const saw = await trial.fails({
            happened: /PULUMI_SKIP_CHECKPOINTS is "true"[^\n]*/,
            cluster: /Nothing (was|is) rotated/,
            todo: /[Uu]nset it/,
            state: asked,
        });
        assert.equal(scene.rotations, before);
        delete envVars.PULUMI_SKIP_CHECKPOINTS;
        await trial.succeeds();
        return saw;
    });
});
