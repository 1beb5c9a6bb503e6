import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { asked, type Told } from "../support/told";
import { type Fault, faults, type Trial } from "../support/trial";
import { byRotator } from "./points";

const post = { ...byRotator, kind: "rotateClusterCertificates" } as const;
const look = { ...byRotator, kind: "getCluster" } as const;

/** Longer than the rotator would pause by itself. */
const retryAfterSeconds = 4;

/** How often the Azure SDK sends a request that only reads (azure/client.ts): then the rotator itself asks again. */
const triesOfSdk = 4;

const throttled = { type: "answer", status: 429, message: "Slow down." } as const;

faults("What Azure answers", { rotationSeconds: 1 }, (fault) => {
    throttling(fault);
    for (const status of [408, 500, 502, 503, 504]) {
        fault("the POST", `answered ${status}, not handled`, { slow: true }, async (trial) => {
            arm(trial, post, { type: "answer", status }, 1);
            await trial.succeeds();
            return trial.read(/Azure did not answer the request to rotate[^\n]*/);
        });
        fault("the POST", `accepted, but answered ${status}`, { slow: true }, async (trial) => {
            trial.scene.control.set(trial.scene.ref, { rotationSeconds: 3 });
            arm(trial, post, { type: "answer", status, when: "after" }, 1);
            await trial.succeeds();
            return trial.read(/Azure did not answer the request to rotate[^\n]*/);
        });
        fault("a look", `answered ${status}, until the SDK gives up`, { slow: status !== 503 }, async (trial) => {
            arm(trial, look, { type: "answer", status }, triesOfSdk + 1, 4);
            await trial.succeeds();
            return trial.read(/Azure cannot be asked just now: [^\n]*/);
        });
    }
    fault("the POST", "409: somebody upgrades", {}, async (trial) => {
        const { scene } = trial;
        const id = scene.control.addFault({ match: post, action: { type: "hold", when: "before" } });
        const up = trial.succeeds();
        await scene.control.struck(id);
        scene.control.beginOperation(scene.ref, "Upgrading", 12);
        scene.control.release(id);
        await up;
        trial.read(/Azure does not start a rotation now: [^\n]*upgrading[^\n]*/i);
        return trial.read(/Waiting for another operation to end: the cluster is Upgrading/);
    });
    fault("the POST", "409 for good: the scope is locked", {}, async (trial) => {
        const { scene } = trial;
        const before = scene.rotations;
        arm(trial, post, { type: "answer", status: 409, code: "ScopeLocked", message: "The scope is locked." }, 1);
        const saw = await trial.fails({
            happened: /Azure answered 409 ScopeLocked: The scope is locked/,
            cluster: /Nothing was started by this request; the cluster is Succeeded\./,
            todo: /Remove the cause that Azure names, then run pulumi up again\./,
            state: asked,
        });
        assert.equal(scene.rotations, before, "nothing is rotated");
        await trial.succeeds();
        return saw;
    });
    fault("the POST", "never answered, three times", { slow: true }, async (trial) => {
        const before = trial.scene.rotations;
        arm(trial, post, { type: "reset", when: "before" }, 3);
        const saw = await trial.fails({
            happened: /Azure did not answer 3 requests to rotate the cluster "blue"[^,]*/,
            cluster: /no rotation was seen to begin\.[\s\S]*provisioning state: Succeeded/,
            todo: /Check the network and Azure's status, then run pulumi up again\./,
            state: asked,
        });
        assert.equal(trial.scene.rotations, before, "nothing is rotated");
        await trial.succeeds();
        return saw;
    });
    fault("the cluster", "is being upgraded by somebody else", {}, async (trial) => {
        trial.scene.control.beginOperation(trial.scene.ref, "Upgrading", 4);
        await trial.succeeds();
        return trial.read(/Waiting for another operation to end: the cluster is Upgrading/);
    });
    fault("the token", "expires while Azure rotates", {}, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 5 });
        scene.control.setTokenLifetime(2);
        try {
            scene.control.clearRequests();
            await trial.succeeds();
        } finally {
            scene.control.setTokenLifetime(3600);
        }
        assert.ok(scene.control.requests().filter(({ kind }) => kind === "token").length > 3, "tokens were renewed");
        return "";
    });
    const code = "InvalidAuthenticationToken";
    const revoked = { type: "answer", status: 401, code, message: "The token was revoked." } as const;
    fault("the token", "is refused while Azure rotates: 401, twice", {}, async (trial) => {
        arm(trial, look, revoked, 2, 4);
        await trial.succeeds();
        return trial.read(/Azure cannot be asked just now: The token was revoked\./);
    });
    fault("the token", "is refused while Azure rotates: 401, for good", { outcome: "found rotated" }, async (trial) => {
        arm(trial, look, revoked, 0, 4);
        const saw = await trial.fails({
            happened: /Azure answered 401 InvalidAuthenticationToken: The token was revoked\./,
            cluster: /the cluster was RotatingClusterCertificates when it was last seen/,
            todo: /Mend what is named next, then run pulumi up again: it picks the rotation up, and does not start a second/,
            state: asked,
        });
        trial.mends();
        await trial.succeeds();
        return saw;
    });
    locations(fault);
});

function throttling(fault: Fault): void {
    for (const [form, retryAfterAsDate] of [
        ["in seconds", false],
        ["as a date", true],
    ] as const) {
        const action: FaultAction = { ...throttled, retryAfterSeconds, retryAfterAsDate };
        fault("the POST", `429 with Retry-After ${form}`, {}, async (trial) => {
            arm(trial, post, action, 1);
            await trial.succeeds();
            assertPause(trial, "rotateClusterCertificates", retryAfterAsDate);
            return trial.read(/Azure does not start a rotation now: Slow down\./);
        });
        fault("a look", `429 with Retry-After ${form}`, {}, async (trial) => {
            arm(trial, look, action, 1, 4);
            await trial.succeeds();
            assertPause(trial, "getCluster", retryAfterAsDate);
            return "";
        });
    }
    const limit = "verify is off";
    fault("the POST", "429 with Retry-After as a date, Azure's clock an hour ahead", { limit }, async (trial) => {
        const { scene } = trial;
        arm(trial, post, { ...throttled, retryAfterSeconds, retryAfterAsDate: true }, 1);
        // The new certificates are valid only in an hour, so nothing can be verified by this machine's clock.
        scene.args = { ...scene.args, verify: "off" };
        scene.control.setClockSkew(3600);
        try {
            await trial.succeeds();
        } finally {
            scene.control.setClockSkew(0);
        }
        assertPause(trial, "rotateClusterCertificates", true);
        return trial.read(/Azure does not start a rotation now: Slow down\./);
    });
}

/** Three rotations that failed, and Azure could not be asked why. */
const failedUntold: Told = {
    happened: /The rotation of the cluster[^\n]* ended Failed 3 times\. Azure says: Failed\./,
    cluster: /provisioning state: Failed, seen so by this run/,
    todo: /Mend the cause first [^\n]*then run pulumi up again: it starts the rotation once more\./,
    state: asked,
};

function locations(fault: Fault): void {
    const failed = { status: "Failed", code: "InternalOperationError", message: "it broke" } as const;
    fault("the operation's Location", "answers 404", { rotations: 4, slow: true }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationOutcomes: [failed, failed, failed] });
        arm(trial, { kind: "operation" } as const, { type: "answer", status: 404 }, 0);
        const saw = await trial.fails(failedUntold);
        await trial.succeeds();
        return saw;
    });
    fault("the operation's Location", "is on another host", { rotations: 4, slow: true }, async (trial) => {
        const { scene } = trial;
        let connections = 0;
        const other = createServer((socket) => {
            connections += 1;
            socket.destroy();
        }).listen(0, "127.0.0.1");
        await once(other, "listening");
        try {
            const url = `https://127.0.0.1:${(other.address() as AddressInfo).port}/operation`;
            arm(trial, post, { type: "headers", headers: { "azure-asyncoperation": url, location: url } }, 0);
            scene.control.set(scene.ref, { rotationOutcomes: [failed, failed, failed] });
            const saw = await trial.fails(failedUntold);
            await trial.succeeds();
            assert.equal(connections, 0, "no token is sent there");
            return saw;
        } finally {
            other.close();
        }
    });
}

function arm(trial: Trial, match: object, action: FaultAction, count: number, skip = 0): number {
    return trial.breaks({ match, action, count, skip });
}

/** The request after the one that was answered 429 came no sooner than Retry-After has it, which in a date has no fractions. */
function assertPause({ scene }: Trial, kind: string, asDate: boolean): void {
    const requests = scene.control.requests(scene.ref).filter((request) => request.kind === kind);
    const refused = requests.findLastIndex(({ status }) => status === 429);
    const [first, second] = [requests[refused], requests[refused + 1]];
    const pauseMs = Date.parse(second?.time ?? "") - Date.parse(first?.time ?? "");
    const leastMs = retryAfterSeconds * 1000 - (asDate ? 1000 : 100);
    assert.ok(pauseMs >= leastMs && pauseMs < 15_000, `asked again after ${pauseMs} ms, not ${leastMs} ms at least`);
}
