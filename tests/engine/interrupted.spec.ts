import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

interface Process {
    pid: string;
    parent: string;
    args: string;
}

/** The processes of this machine. */
function processes(): Process[] {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
    return lines.flatMap((line) => {
        const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
        return pid === undefined || parent === undefined || args === undefined ? [] : [{ pid, parent, args }];
    });
}

/** The process that rotates now for a scene: others on the machine are none of our business. */
function rotatorOf({ project }: Scene): number {
    const all = processes();
    const isOurs = (pid: string): boolean => {
        const found = all.find((candidate) => candidate.pid === pid);
        return found !== undefined && (found.args.includes(project.directory) || isOurs(found.parent));
    };
    const found = all.filter(({ args, pid }) => args.endsWith("rotator.js rotate") && isOurs(pid));
    assert.equal(found.length, 1, "one rotator runs");
    return Number(found[0]?.pid);
}

/** The engine that runs an up for a scene. */
function engineOf({ project }: Scene): number {
    const found = processes().filter(({ args }) => args.startsWith(`${project.directory}/engine/bin/pulumi up`));
    assert.equal(found.length, 1, "one engine runs");
    return Number(found[0]?.pid);
}

/** Waits for something that tells nobody when it happens. */
async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
        await setTimeout(100);
    }
}

describe("an up that is interrupted", function () {
    this.timeout(engineTimeoutMs);

    it("in mid rotation is finished by the next one, without a second rotation", async () => {
        await using scene = await Scene.open({ rotationSeconds: 5 });
        await scene.up(1);
        const failed = scene.failure(scene.up(2));
        await scene.said(/The cluster is RotatingClusterCertificates/);
        process.kill(rotatorOf(scene), "SIGKILL");
        assert.match(await failed, /signal: killed/);
        assert.match(scene.log, /Azure has accepted the rotation \(operation [\w-]+\)\. It goes on by itself/);

        const { outputs } = await scene.up();
        assert.match(scene.log, /A rotation is under way that this run has not started: it is waited for/);
        assert.match(
            scene.log,
            /Rotated since generation 2 was asked for, not by this run; verified; not checked: old/,
        );
        const record = recordOf(outputs);
        assert.equal(scene.rotations, 1);
        assert.equal(record.outcome, "found rotated");
        assert.equal(record.generation, 2);
        assert.ok(record.verified.includes("oldCaRefused"));
    });

    it("after the rotation, while the credentials lag, does not rotate again", async () => {
        await using scene = await Scene.open({ rotationSeconds: 1 });
        await scene.up(1);
        scene.control.set(scene.ref, { credentialsLagSeconds: 12 });
        const failed = scene.failure(scene.up(2));
        await scene.said(/waiting for the new credentials/);
        process.kill(rotatorOf(scene), "SIGKILL");
        await failed;

        const { outputs } = await scene.up();
        assert.equal(scene.rotations, 1);
        assert.equal(recordOf(outputs).outcome, "found rotated");
    });

    it("by the end of the engine itself leaves no rotator behind, and is finished after pulumi cancel", async () => {
        await using scene = await Scene.open({ rotationSeconds: 1 });
        await scene.up(1);
        scene.control.beginOperation(scene.ref, "Upgrading", 8);
        const failed = scene.failure(scene.up(2));
        await scene.said(/Waiting for another operation to end/);
        const rotator = rotatorOf(scene);
        process.kill(engineOf(scene), "SIGKILL");
        await failed;
        await until(() => !processes().some(({ pid }) => pid === String(rotator)));
        await scene.control.waitUntilIdle(scene.ref);
        assert.equal(scene.rotations, 0);

        await scene.project.stack.cancel();
        const { outputs } = await scene.up();
        assert.equal(recordOf(outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
    });

    it("by throttling, or an error of the service, at the request to rotate asks again, and rotates once", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const match = { kind: "rotateClusterCertificates" } as const;
        scene.control.addFault({ match, action: { type: "answer", status: 429, retryAfterSeconds: 2 } });
        scene.control.addFault({
            match,
            action: { type: "answer", status: 409, code: "OperationNotAllowed", message: "an update is in progress" },
        });
        await scene.up(2);
        assert.match(scene.log, /Azure does not start a rotation now/);
        assert.equal(scene.rotations, 1);
    });

    it("by a refusal for good stops at once with Azure's words", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const locked = { status: 409, code: "ScopeLocked", message: "The scope is locked." };
        scene.control.addFault({ match: { kind: "rotateClusterCertificates" }, action: { type: "answer", ...locked } });
        assert.match(await scene.failure(scene.up(2)), /Azure answered 409 ScopeLocked: The scope is locked/);
        assert.equal(scene.rotations, 0);
    });

    it("by a lost answer to the request to rotate finds out what came of it", async () => {
        await using scene = await Scene.open({ rotationSeconds: 2 });
        await scene.up(1);
        scene.control.addFault({
            match: { kind: "rotateClusterCertificates" },
            action: { type: "reset", when: "after" },
        });
        const { outputs } = await scene.up(2);
        assert.equal(scene.rotations, 1);
        assert.equal(recordOf(outputs).generation, 2);
        assert.match(scene.log, /did not answer the request to rotate/);
    });

    it("by an operation of somebody else waits, and rotates then", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.beginOperation(scene.ref, "Upgrading", 4);
        const { outputs } = await scene.up(2);
        assert.match(scene.log, /Waiting for another operation to end: the cluster is Upgrading/);
        assert.equal(scene.rotations, 1);
        assert.equal(recordOf(outputs).outcome, "rotated");
    });

    it("by a failed rotation starts it again, and stops after the third failure with what Azure says", async () => {
        await using scene = await Scene.open({ rotationSeconds: 2 });
        await scene.up(1);
        const failing = { status: "Failed" as const, code: "QuotaExceeded", message: "no cores are left" };
        scene.control.set(scene.ref, { rotationOutcomes: [failing, failing, failing] });
        const message = await scene.failure(scene.up(2));
        assert.match(message, /ended Failed 3 times\. Azure says: QuotaExceeded: no cores are left/);
        assert.equal(scene.rotations, 3);
        assert.equal(recordOf((await scene.up()).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 4);
    });

    it("by credentials of before somebody else's rotation waits for those of today, and rotates then", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.set(scene.ref, { credentialsLagSeconds: 6 });
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        scene.control.set(scene.ref, { credentialsLagSeconds: 0 });
        const { outputs } = await scene.up(2);
        assert.match(scene.log, /The API server has a certificate of another CA than Azure's credentials/);
        assert.equal(recordOf(outputs).outcome, "rotated");
        assert.equal(scene.cluster.rotations.startedBySomebodyElse, 1);
        assert.equal(scene.rotations, 2);
    });

    it("by its timeout says so, and is finished by the next one", async () => {
        await using scene = await Scene.open({ rotationSeconds: 6 });
        await scene.up(1);
        scene.args = { ...scene.args, timeout: "3s" };
        const message = await scene.failure(scene.up(2));
        assert.match(
            message,
            /was not complete within 3 s \(timeout\)[\s\S]*RotatingClusterCertificates[\s\S]*not started a second time[\s\S]*managedclusters\/blue[\s\S]*operation id: [\w-]+\s/,
        );
        scene.args = { ...scene.args, timeout: "60s" };
        await scene.up();
        assert.equal(scene.rotations, 1);
    });
});
