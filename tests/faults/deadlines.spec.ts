import assert from "node:assert/strict";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { anyRuns, until } from "../support/processes";
import { faults, type Trial } from "../support/trial";
import { byRotator } from "./points";

const cluster = { ...byRotator, kind: "getCluster" } as const;
const hang: FaultAction = { type: "hang", when: "after" };

faults("A deadline", { rotationSeconds: 1 }, (fault) => {
    fault("timeout", "a rotation is stuck", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const message = await timed(trial, { timeout: "6s" }, 6);
        scene.control.endOperation(scene.ref, "Succeeded");
        await scene.control.waitUntilIdle(scene.ref);
        await trial.succeeds();
        for (const fact of [
            /provisioning state[^\n]*RotatingClusterCertificates[^\n]*\d s/,
            /operation[^\n]*[\da-f]{8}-[\da-f]{4}/,
            /correlation[^\n]*[\da-f]{8}-[\da-f]{4}/,
            /\/subscriptions\/[^\n]*managedclusters\/blue/i,
        ]) {
            assert.match(message, fact);
        }
        return /The rotation of[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
    fault("timeout", "a look hangs", { outcome: "found rotated" }, async (trial) => {
        trial.scene.control.addFault({ match: cluster, action: hang, skip: 4 });
        const message = await timed(trial, { timeout: "6s" }, 6);
        await trial.succeeds();
        return /The rotation of[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
    fault("timeout", "the POST hangs, and was handled", { outcome: "found rotated" }, async (trial) => {
        trial.scene.control.addFault({ match: { ...byRotator, kind: "rotateClusterCertificates" }, action: hang });
        const message = await timed(trial, { timeout: "6s" }, 6);
        await trial.succeeds();
        return /The rotation of[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
    fault("timeout", "the API server never answers", { outcome: "found rotated" }, async (trial) => {
        const match = { kind: "apiServerConnection" } as const;
        const { scene } = trial;
        const id = scene.control.addFault({ match: { ...cluster }, action: { type: "hold", when: "after" }, skip: 4 });
        const failing = timed(trial, { timeout: "6s" }, 6);
        await scene.control.struck(id);
        scene.control.addFault({ match, action: { type: "hang", when: "before" }, count: 0 });
        scene.control.release(id);
        const message = await failing;
        scene.control.clearFaults();
        await trial.succeeds();
        return /The rotation of[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
    for (const [name, kind] of [
        ["the cloud's metadata", "metadata"],
        ["the token", "token"],
    ] as const) {
        fault("timeout", `${name} never comes`, {}, async (trial) => {
            const match = { ...byRotator, kind };
            const id = trial.scene.control.addFault({ match, action: { ...hang, when: "before" }, count: 0, skip: 1 });
            const message = await timed(trial, { timeout: "6s" }, 6, id);
            trial.scene.control.clearFaults();
            await trial.succeeds();
            return (
                /The cloud's metadata cannot be read|The rotation of[^\n]*/.exec(message)?.[0] ?? assert.fail(message)
            );
        });
    }
    fault("settleTimeout", "the credentials never follow", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { credentialsLagSeconds: 10, rotationSeconds: 1 });
        const message = await timed(trial, { settleTimeout: "3s" }, 4);
        await trial.succeeds();
        return /The cluster[^\n]*has been rotated[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });
});

/**
 * An `up` that must fail by its deadline.
 *
 * @param from fault that strikes early in the life of its rotator. Default: at its first look
 */
async function timed(trial: Trial, args: object, seconds: number, from?: number): Promise<string> {
    const { scene } = trial;
    scene.args = { ...scene.args, ...args };
    const firstLook = { match: cluster, action: { type: "delay", seconds: 0 }, skip: 1 } as const;
    const begun = from ?? scene.control.addFault(firstLook);
    const { failed } = await trial.begins();
    await scene.control.struck(begun);
    const { rotator, all } = scene.cast;
    trial.follow(all);
    const at = performance.now();
    await until("the end of the rotator", () => !anyRuns([rotator]));
    const took = (performance.now() - at) / 1000;
    // To the second by the rotator's own clock is for the unit tests: here it had begun before, and ps is asked.
    assert.ok(took > seconds - 2 && took < seconds + 4, `the rotator ended after ${took} s`);
    const message = await failed;
    scene.args = { ...scene.args, timeout: "60m", settleTimeout: "20s" };
    return message;
}
