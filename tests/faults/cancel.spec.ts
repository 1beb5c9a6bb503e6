import assert from "node:assert/strict";
import { send } from "../support/processes";
import { asked, type Told } from "../support/told";
import { type Begun, faults, type Trial } from "../support/trial";
import { pointNamed } from "./points";

/** What the rotator has told last when it is interrupted: how the cluster stands, and what to do. */
type Last = Record<"cluster" | "todo", RegExp>;

const cluster = /The cluster is RotatingClusterCertificates(; the API server does not answer)?$/m;
const accepted: Last = {
    cluster,
    todo: /It goes on by itself, even if this run is interrupted: the next pulumi up picks it up and does not rotate a second time\./,
};
const asking: Last = {
    cluster: /Asking Azure to rotate\. If this run is interrupted from here on/,
    // It is the last line of the rotator's, which are indented.
    todo: /the next pulumi up finds out what came of it\.(?!\n {4})/,
};
const resumed: Last = {
    cluster,
    todo: /It goes on by itself, even if this run is interrupted: the next pulumi up picks it up\.$/m,
};
const waiting: Last = {
    cluster: /Waiting for another operation to end: the cluster is Upgrading$/m,
    todo: /this run has started nothing yet\. If it is interrupted, run pulumi up again\.$/m,
};

/** What the engine says of a signal: "^C" is what a terminal shows of SIGINT. */
const once = { happened: /error: signal: killed: running "rotate":/, pending: 0 } as const;
const ways = {
    "Ctrl-C, once": { ...once, signals: [["SIGINT", /\^C received; cancelling\./]] },
    "Ctrl-C, twice": {
        // The engine leaves all as it is, and nobody is left to tell more.
        happened: { earlier: /\^C received; terminating/ },
        pending: 1,
        signals: [
            ["SIGINT", /\^C received; cancelling\./],
            ["SIGINT", /\^C received; terminating/],
        ],
    },
    "SIGTERM, as a pipeline cancels": { ...once, signals: [["SIGTERM", /SIGTERM received; cancelling\./]] },
} as const satisfies Record<string, Pick<Told, "happened"> & { pending: number; signals: [NodeJS.Signals, RegExp][] }>;

const outcome = "found rotated";

/** A terminal sends SIGINT to the engine alone: its plugins, and the program's host among them, are in groups of their own. */
faults("Cancel", { rotationSeconds: 1 }, (fault) => {
    for (const how of Object.keys(ways) as (keyof typeof ways)[]) {
        fault(how, "while Azure rotates", { outcome }, async (trial) => {
            trial.scene.control.set(trial.scene.ref, { rotationSeconds: 10_000 });
            const begun = await trial.begins();
            await trial.said(/The cluster is RotatingClusterCertificates/, begun);
            const saw = await cancel(trial, begun, how, accepted);
            await trial.scene.control.endOperation(trial.scene.ref, "Succeeded");
            return finish(trial, saw);
        });
    }
    fault("Ctrl-C, once", "between POST and answer", { outcome }, async (trial) => {
        const held = pointNamed("between POST and answer").prepare(trial.scene);
        const begun = await trial.begins();
        await held.reached(undefined);
        await trial.said(/Asking Azure to rotate/, begun);
        const saw = await cancel(trial, begun, "Ctrl-C, once", asking);
        await held.release();
        return finish(trial, saw);
    });
    fault("Ctrl-C, once", "while a rotation of a killed up is waited for", { outcome }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const killed = await trial.begins();
        await trial.said(/The cluster is RotatingClusterCertificates/, killed);
        const { rotator, all } = scene.cast;
        trial.follow(all);
        assert.ok(send("SIGKILL", [rotator]), "the rotator runs");
        await killed.fails({ happened: /signal: killed/, ...accepted, state: asked });
        // What the first one has shown is no word of the second one.
        scene.shown = "";
        trial.turnPage();
        const begun = await trial.begins();
        await trial.said(/A rotation is under way that this run has not started/, begun);
        await trial.said(/The cluster is RotatingClusterCertificates/, begun);
        const saw = await cancel(trial, begun, "Ctrl-C, once", resumed);
        await scene.control.endOperation(scene.ref, "Succeeded");
        return finish(trial, saw);
    });
    fault("Ctrl-C, once", "while another operation is waited for", {}, async (trial) => {
        const { scene } = trial;
        const before = scene.rotations;
        scene.control.beginOperation(scene.ref, "Upgrading", 10_000);
        const begun = await trial.begins();
        await trial.said(/Waiting for another operation to end: the cluster is Upgrading/, begun);
        const saw = await cancel(trial, begun, "Ctrl-C, once", waiting, "Upgrading");
        await scene.control.endOperation(scene.ref, "Succeeded");
        assert.equal(scene.rotations, before, "nothing was rotated by the run that was interrupted");
        return finish(trial, saw, /Rotated and verified\./);
    });
});

/** Interrupts an `up` that waits for an operation, which goes on, and asserts what it tells. */
async function cancel(
    trial: Trial,
    begun: Begun,
    how: keyof typeof ways,
    last: Last,
    state = "RotatingClusterCertificates",
): Promise<string> {
    const { scene } = trial;
    const { signals, happened, pending } = ways[how];
    const cast = scene.cast;
    trial.follow(cast.all);
    for (const [signal, answer] of signals) {
        assert.ok(send(signal, [cast.engine]), "the engine runs");
        await scene.said(answer);
    }
    const message = await begun.ended;
    assert.equal(scene.cluster.provisioningState, state, "Azure's operation goes on");
    const twice = "earlier" in happened;
    const words = (what: RegExp) => (twice ? { earlier: what } : what);
    await begun.fails({
        happened,
        cluster: words(last.cluster),
        todo: words(last.todo),
        state: { ...asked, pending },
    });
    return last.todo.exec(twice ? scene.shown : message)?.[0].trim() ?? assert.fail(message);
}

/** The `up` that finishes the job. */
async function finish(
    trial: Trial,
    saw: string,
    end = /Rotated since generation \d+ was asked for, not by this run; verified/,
): Promise<string> {
    trial.turnPage();
    await trial.succeeds();
    trial.read(end);
    return saw;
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
