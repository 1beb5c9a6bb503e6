import assert from "node:assert/strict";
import { asked } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { killWhileOld } from "./kills";
import { pointNamed } from "./points";

const connection = { kind: "apiServerConnection" } as const;
const failed = { status: "Failed", code: "QuotaExceeded", message: "no cores are left" } as const;

const broken = { status: "Failed", code: "InternalOperationError", message: "it broke" } as const;

faults("How a rotation ends", { rotationSeconds: 1 }, (fault) => {
    fault("the rotation", "ends Failed, then works", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [{ status: "Failed" }] });
        await trial.succeeds();
        trial.read(/waiting up to a minute whether AKS brings it back by itself/);
        return trial.read(/Azure has accepted the rotation \(try 2/);
    });
    fault("the rotation", "is canceled", { rotations: 2, slow: true }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [{ status: "Canceled" }] });
        const saw = await trial.fails({
            happened: /The rotation of the cluster[^\n]* was canceled \(az aks operation-abort\)/,
            cluster: /provisioning state: Canceled, seen so by this run/,
            todo: /Run pulumi up again to rotate it; or lower rotationGeneration to what it was before/,
            state: asked,
        });
        await trial.succeeds();
        return saw;
    });
    fault("the rotation", "ends Failed for a cause that lasts", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [failed] });
        const saw = await trial.fails({
            happened:
                /ended Failed for a cause that does not go away by itself\. Azure says: QuotaExceeded: no cores are left\./,
            cluster: /provisioning state: Failed, seen so by this run/,
            todo: /Request more quota[^\n]*Then run pulumi up again: it starts the rotation once more\./,
            state: asked,
        });
        await trial.succeeds();
        return saw;
    });
    fault("the rotation", "ends Failed three times", { rotations: 4, slow: true }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [broken, broken, broken] });
        const saw = await trial.fails({
            happened:
                /The rotation of the cluster[^\n]* ended Failed 3 times\. Azure says: InternalOperationError: it broke\./,
            cluster: /provisioning state: Failed, seen so by this run/,
            todo: /Mend the cause first [^\n]*then run pulumi up again: it starts the rotation once more\./,
            state: asked,
        });
        await trial.succeeds();
        return saw;
    });
    fault("the rotation", "says Succeeded while the CA stays", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.args = { ...scene.args, settleTimeout: "3s" };
        scene.control.set(scene.ref, { rotationOutcomes: [{ status: "Succeeded", changesCa: false }] });
        const saw = await trial.fails({
            happened: /Azure says that the rotation[^\n]*/,
            cluster: /the cluster CA is still the one of before\.[\s\S]*provisioning state: Succeeded/,
            todo: /This is not counted as a rotation\. Look at the cluster's activity log, or ask Azure support; running pulumi up again starts a new rotation\./,
            state: asked,
        });
        await trial.succeeds();
        return saw;
    });
    fault("the rotation", "ends Failed, though the CA has changed", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [{ ...failed, changesCa: true }] });
        const saw = await trial.fails({
            happened: /The cluster "blue"[^\n]* has a new CA since generation \d+ was asked for/,
            cluster: /but its provisioning state is Failed\./,
            todo: /Bring the cluster to Succeeded first [^\n]*then run pulumi up again: it verifies and records the rotation\./,
            state: asked,
        });
        // What `az aks update` does.
        await scene.control.beginOperation(scene.ref, "Updating", 1).finished;
        await trial.succeeds();
        return saw;
    });
    fault("the old credentials", "are served for 4 s after Succeeded", {}, async (trial) => {
        trial.scene.control.set(trial.scene.ref, { credentialsLagSeconds: 4 });
        await trial.succeeds();
        return trial.read(/waiting for the new credentials/);
    });
    fault(
        "the old credentials",
        "are served for longer than settleTimeout",
        { outcome: "found rotated" },
        async (t) => {
            t.scene.args = { ...t.scene.args, settleTimeout: "2s" };
            t.scene.control.set(t.scene.ref, { credentialsLagSeconds: 7 });
            const saw = await t.fails({
                happened: /The cluster[^\n]*has been rotated[^\n]*/,
                cluster:
                    /its API server has a certificate of a new CA\. But Azure still hands out the old credentials\./,
                todo: /Run pulumi up again later, with a longer settleTimeout if need be; it does not rotate a second time\./,
                state: asked,
            });
            t.scene.args = { ...t.scene.args, settleTimeout: "20s" };
            await t.succeeds();
            return saw;
        },
    );
    fault("the rotator", "is killed while the old credentials are served", { outcome: "found rotated" }, killWhileOld);
    fault("the old credentials", "are those of before somebody else's rotation", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { credentialsLagSeconds: 5 });
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.control.set(scene.ref, { credentialsLagSeconds: 0 });
        await trial.succeeds();
        return trial.read(/The API server has a certificate of another CA than Azure's credentials: waiting for them/);
    });
    fault("the API server", "comes back 4 s late", {}, async (trial) => {
        trial.scene.control.set(trial.scene.ref, { slowReturnSeconds: 4 });
        await trial.succeeds();
        return trial.read(/The API server is not ready yet[^\n]*|the API server does not answer[^\n]*/);
    });
    fault("the API server", "comes back later than settleTimeout", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.args = { ...scene.args, settleTimeout: "2s" };
        scene.control.set(scene.ref, { slowReturnSeconds: 8 });
        const saw = await trial.fails({
            happened: /The cluster was rotated, but the result cannot be verified: [^\n]*/,
            cluster: /\. The cluster is Succeeded\./,
            todo: /Make the API server reachable from this machine and run pulumi up again[^\n]*Nothing is rotated a second time\./,
            state: asked,
        });
        scene.args = { ...scene.args, settleTimeout: "20s" };
        await trial.succeeds();
        return saw;
    });
});

faults("Clocks", { rotationSeconds: 1 }, (fault) => {
    for (const [where, seconds] of [
        ["four minutes ahead", 240],
        ["an hour behind", -3600],
    ] as const) {
        fault("Azure's clock", where, {}, async (trial) => {
            await skewed(trial, seconds, () => trial.succeeds());
            return trial.read(/Rotated and verified\./);
        });
    }
    fault("Azure's clock", "an hour ahead", { rotations: 2, outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.args = { ...scene.args, settleTimeout: "3s" };
        const saw = await skewed(trial, 3600, () =>
            trial.fails({
                happened: /it and the cluster's differ by \d+ min at least/,
                cluster: /\. The cluster is Succeeded\./,
                todo: /Set the clock of this machine right[^\n]*Nothing is rotated a second time/,
                state: asked,
            }),
        );
        // The certificates would be valid in an hour. A rotation by a clock that is right makes some for now.
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.args = { ...scene.args, settleTimeout: "20s" };
        await trial.succeeds();
        return saw;
    });
});

async function skewed<T>({ scene }: Trial, seconds: number, act: () => Promise<T>): Promise<T> {
    scene.control.setClockSkew(seconds);
    try {
        return await act();
    } finally {
        scene.control.setClockSkew(0);
    }
}

faults("The cluster", { rotationSeconds: 1 }, (fault) => {
    const rotating = pointNamed("while Azure rotates");
    const gone = { rotations: 0, outcome: "adopted" } as const;
    fault("the cluster", "is deleted while Azure rotates, and made anew", gone, async (trial) => {
        const { scene } = trial;
        const held = rotating.prepare(scene);
        const begun = await trial.begins();
        trial.follow((await held.reached("engine")).all);
        assert.equal(scene.rotations, 1, "of the old cluster");
        await scene.control.delete(scene.ref);
        held.release();
        const saw = await begun.fails({
            happened: /The cluster "blue"[^\n]* was there when this run began, and is there no more/,
            cluster: /somebody has deleted it\. This run had started a rotation of it\./,
            todo: /Take it out of the program; or create it again, and pulumi up adopts the new one\./,
            state: asked,
        });
        await scene.aks.addCluster({ resourceGroup: "group", name: "blue", backend: "light" });
        await trial.succeeds();
        return saw;
    });
    fault("the cluster", "is being deleted", {}, async (trial) => {
        const { scene } = trial;
        scene.control.beginOperation(scene.ref, "Deleting", 10_000);
        const saw = await trial.fails({
            happened: /The cluster "blue"[^\n]* is being deleted\./,
            cluster: /is being deleted\. Nothing was rotated by this run\./,
            todo: /Take it out of the program; or wait, create it again, and pulumi up adopts the new one\./,
            state: asked,
        });
        await scene.control.endOperation(scene.ref, "Succeeded");
        await trial.succeeds();
        return saw;
    });
    fault(
        "the API server",
        "is gone after a rotation that ends Failed",
        { rotations: 2, slow: true },
        async (trial) => {
            const { scene } = trial;
            scene.control.set(scene.ref, { rotationSeconds: 10_000, rotationOutcomes: [broken] });
            const begun = await trial.begins();
            await trial.said(/The cluster is RotatingClusterCertificates/, begun);
            trial.breaks({ match: connection, action: { type: "reset", when: "before" }, count: 0 });
            await scene.control.endOperation(scene.ref, "Failed");
            const saw = await begun.fails({
                happened: /The rotation[^\n]* ended Failed, and since then its API server cannot be reached/,
                cluster: /provisioning state: Failed, seen so by this run/,
                todo: /Mend what Azure names, bring the API server back, and run pulumi up again\./,
                state: asked,
            });
            trial.mends();
            scene.control.set(scene.ref, { rotationSeconds: 1, rotationOutcomes: [] });
            await trial.succeeds();
            return saw;
        },
    );
    fault("the API server", "cannot be reached, before a rotation", {}, async (trial) => {
        const before = trial.scene.rotations;
        trial.breaks({ match: connection, action: { type: "reset", when: "before" }, count: 0 });
        const saw = await trial.fails({
            happened: /The API server of the cluster "blue"[^\n]* cannot be reached from this machine/,
            cluster: /Nothing was rotated by this run; the cluster is Succeeded\.[\s\S]*provisioning state: Succeeded/,
            todo: /Run pulumi up where the API server can be reached[^\n]*or set verify to "bestEffort"/,
            state: asked,
        });
        trial.mends();
        assert.equal(trial.scene.rotations, before);
        await trial.succeeds();
        return saw;
    });
});
