import assert from "node:assert/strict";
import { faults, type Trial } from "../support/trial";
import { killWhileOld } from "./kills";
import { pointNamed } from "./points";

const connection = { kind: "apiServerConnection" } as const;
const failed = { status: "Failed", code: "QuotaExceeded", message: "no cores are left" } as const;

faults("How a rotation ends", { rotationSeconds: 1 }, (fault) => {
    for (const status of ["Failed", "Canceled"] as const) {
        fault("the rotation", `ends ${status}, then works`, { rotations: 2 }, async (trial) => {
            const { scene } = trial;
            scene.control.set(scene.ref, { rotationOutcomes: [{ status }] });
            await trial.succeeds();
            return trial.read(/Azure has accepted the rotation \(try 2/);
        });
    }
    fault("the rotation", "ends Failed three times", { rotations: 4 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [failed, failed, failed] });
        const message = await trial.fails();
        assert.match(
            message,
            /ended Failed 3 times\. Azure says: QuotaExceeded: no cores are left\.\n.*Mend the cause first/,
        );
        assert.equal((await trial.state()).record, trial.generation - 1);
        await trial.succeeds();
        return /The rotation of the cluster[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
    fault("the rotation", "says Succeeded while the CA stays", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.args = { ...scene.args, settleTimeout: "3s" };
        scene.control.set(scene.ref, { rotationOutcomes: [{ status: "Succeeded", changesCa: false }] });
        const message = await trial.fails();
        assert.match(message, /not counted as a rotation/);
        assert.equal((await trial.state()).record, trial.generation - 1);
        await trial.succeeds();
        return /Azure says that the rotation[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
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
            const message = await t.fails();
            t.scene.args = { ...t.scene.args, settleTimeout: "20s" };
            await t.succeeds();
            return /The cluster[^\n]*has been rotated[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
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
        const message = await trial.fails();
        scene.args = { ...scene.args, settleTimeout: "20s" };
        await trial.succeeds();
        return /The cluster was rotated, but[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
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
        const message = await skewed(trial, 3600, () => trial.fails());
        assert.match(message, /Set the clock of this machine right.*Nothing is rotated a second time/);
        // The certificates would be valid in an hour. A rotation by a clock that is right makes some for now.
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.args = { ...scene.args, settleTimeout: "20s" };
        await trial.succeeds();
        return /it and the cluster's differ by \d+ min at least/.exec(message)?.[0] ?? assert.fail(message);
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
        const { failed } = await trial.begins();
        trial.follow((await held.reached("engine")).all);
        assert.equal(scene.rotations, 1, "of the old cluster");
        await scene.control.delete(scene.ref);
        held.release();
        const message = await failed;
        assert.match(message, /This run had started a rotation of it\./);
        await scene.aks.addCluster({ resourceGroup: "group", name: "blue", backend: "light" });
        await trial.succeeds();
        return /was there when this run began, and is there no more/.exec(message)?.[0] ?? assert.fail(message);
    });
    fault("the cluster", "is being deleted", {}, async (trial) => {
        const { scene } = trial;
        scene.control.beginOperation(scene.ref, "Deleting", 10_000);
        const message = await trial.fails();
        await scene.control.endOperation(scene.ref, "Succeeded");
        await trial.succeeds();
        return (
            /is being deleted\. Nothing was rotated by this run\. Take it out of the program/.exec(message)?.[0] ??
            assert.fail(message)
        );
    });
    fault("the API server", "is gone after a rotation that ends Failed", { rotations: 2 }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000, rotationOutcomes: [failed] });
        const { failed: failing } = await trial.begins();
        await trial.said(/The cluster is RotatingClusterCertificates/, failing);
        scene.control.addFault({ match: connection, action: { type: "reset", when: "before" }, count: 0 });
        await scene.control.endOperation(scene.ref, "Failed");
        const message = await failing;
        assert.match(message, /Mend what Azure names, bring the API server back, and run pulumi up again\./);
        scene.control.clearFaults();
        scene.control.set(scene.ref, { rotationSeconds: 1, rotationOutcomes: [] });
        await trial.succeeds();
        return (
            /ended Failed, and since then its API server cannot be reached/.exec(message)?.[0] ?? assert.fail(message)
        );
    });
});
