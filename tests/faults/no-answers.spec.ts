import assert from "node:assert/strict";
import { faults } from "../support/trial";
import { byRotator } from "./points";

const post = { ...byRotator, kind: "rotateClusterCertificates" } as const;
const look = { ...byRotator, kind: "getCluster" } as const;

/** How often the Azure SDK sends a request that only reads (azure/client.ts): then the rotator itself asks again. */
const triesOfSdk = 4;

const page = "<!DOCTYPE html><html><head><title>Sign in to the network</title></head></html>";
const json = { "content-type": "application/json" };

faults("Answers that are none", { rotationSeconds: 1 }, (fault) => {
    for (const when of ["before", "after"] as const) {
        fault("the POST", `a proxy's page with status 200, ${when} it is handled`, { slow: true }, async (trial) => {
            trial.scene.control.set(trial.scene.ref, { rotationSeconds: 3 });
            const before = trial.scene.rotations;
            trial.breaks({ match: post, action: { type: "answer", when, status: 200, body: page }, count: 1 });
            await trial.succeeds();
            assert.equal(trial.scene.rotations, before + 1);
            return trial.read(/Azure did not answer the request to rotate[^\n]*no acceptance by Azure[^\n]*/);
        });
    }
    for (const [what, body, headers] of [
        ["a proxy's page", page, {}],
        ["{}", "{}", json],
    ] as const) {
        fault("a look", `${what}, until the SDK gives up`, { slow: true }, async (trial) => {
            const before = trial.scene.rotations;
            const action = { type: "answer", status: 200, body, headers: { ...headers } } as const;
            trial.breaks({ match: look, action, count: triesOfSdk + 1, skip: 4 });
            await trial.succeeds();
            assert.equal(trial.scene.rotations, before + 1);
            return trial.read(/Azure cannot be asked just now: [^\n]*no managed cluster[^\n]*/);
        });
    }
});
