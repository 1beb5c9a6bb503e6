import assert from "node:assert/strict";
import { CertificateRotation } from "../../components";
import { act } from "../support/azure";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("the verification", function () {
    this.timeout(engineTimeoutMs);

    it("that is off is recorded as not made", async () => {
        await using scene = await Scene.open();
        scene.args = { ...scene.args, verify: "off" };
        await scene.up(1);
        const record = recordOf((await scene.up(2)).outputs);
        assert.deepEqual(record.verified, ["provisioningState", "caChanged"]);
        assert.deepEqual(new Set(record.notVerified.map(({ reason }) => reason)), new Set(["verify is off"]));
        assert.equal(record.outage, null);
    });

    it("with the best effort records what could not be checked, with the reason", async () => {
        await using scene = await Scene.open();
        scene.args = { ...scene.args, verify: "bestEffort", settleTimeout: "2s" };
        await scene.up(1);
        scene.control.addFault({ match: { kind: "apiServer" }, action: { type: "reset", when: "before" }, count: 0 });
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(scene.rotations, 1);
        assert.deepEqual(record.verified, ["provisioningState", "caChanged"]);
        for (const { reason } of record.notVerified) {
            assert.match(reason, /the API server could not be asked: .+/);
        }
        assert.equal(record.notVerified.length, 4);
    });

    it("of a stopped cluster is not made, and it is rotated only where that need not be verified", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await act(scene.aks, scene.ref, "stop");
        assert.match(
            await scene.failure(scene.up(2)),
            /is stopped, so a rotation could not be verified[\s\S]*az aks start/,
        );
        assert.equal(scene.rotations, 0);
        scene.args = { ...scene.args, verify: "bestEffort" };
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(scene.rotations, 1);
        assert.ok(record.notVerified.every(({ reason }) => reason === "the cluster is stopped"));
    });

    it("does not take Succeeded for a success while the CA stays", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.args = { ...scene.args, settleTimeout: "3s" };
        scene.control.set(scene.ref, { rotationOutcomes: [{ status: "Succeeded", changesCa: false }] });
        assert.match(await scene.failure(scene.up(2)), /has Succeeded, but the cluster CA is still the one of before/);
        const { deployment } = await scene.project.stack.exportStack();
        assert.equal(JSON.stringify(deployment).includes('\\"outcome\\":\\"rotated\\"'), false);
    });

    it("waits until every replica of the API server is restarted, and rotates once", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.set(scene.ref, { alternatingSeconds: 5 });
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(scene.rotations, 1);
        assert.equal(record.outcome, "rotated");
        assert.ok(record.verified.includes("oldCaRefused"));
        const { lastEndedAt = 0 } = scene.control.cluster(scene.ref).rotations;
        const seconds = (Date.parse(record.finished) - lastEndedAt) / 1000;
        assert.ok(seconds >= 5, `${seconds} s: a replica with the old CA was still there`);
        await scene.up(2);
        assert.equal(scene.rotations, 1);
    });

    it("of a cluster of Kubernetes 1.25 asks what that can answer, and the rotation is whole", async () => {
        await using scene = await Scene.open({ kind: { kubernetesVersion: "1.25.11" } });
        await scene.up(1);
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(record.verified.length, 6);
        assert.deepEqual(record.notVerified, []);
        const refuse = { type: "answer", status: 403 } as const;
        scene.control.addFault({ match: { kind: "apiServer", path: "/selfsubject" }, action: refuse, count: 0 });
        const result = await scene.up(3);
        const next = recordOf(result.outputs);
        assert.deepEqual(
            next.notVerified.map(({ check }) => check),
            ["newCredentialsAccepted", "oldClientCertificateRefused"],
        );
        assert.match(result.stdout, /The preflight warns: apiServer: .*cannot be checked/);
        assert.equal(scene.rotations, 2);
    });

    it("warns of certificates that expire soon in preview and up, though no generation is raised", async () => {
        await using scene = await Scene.open();
        const first = await scene.up(1);
        assert.doesNotMatch(first.stdout, /expires on/);
        const day = 24 * 3600;
        await scene.control.replaceCertificates(scene.ref, { client: 30.5 * day });
        const words =
            /warning: The client certificate expires on \d{4}-\d\d-\d\d, in 30 days\. Raise rotationGeneration/;
        assert.match((await scene.preview(1)).stdout, words);
        assert.match((await scene.up(1)).stdout, words);
        assert.equal(scene.rotations, 0);
    });

    it("waits for credentials and an API server that lag behind", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.set(scene.ref, { credentialsLagSeconds: 2, slowReturnSeconds: 3 });
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(record.notVerified.length, 0);
        assert.equal(scene.rotations, 1);
    });

    it("of expired certificates is possible again by a rotation, and a preview does not use what has expired", async () => {
        let known = false;
        await using scene = await Scene.open({
            program: async (args) => {
                const { kubeconfig, rotation } = new CertificateRotation("cluster", args);
                known = false;
                kubeconfig.apply(() => {
                    known = true;
                });
                return { rotation };
            },
        });
        await scene.up(1);
        await scene.preview(2);
        assert.equal(known, true);
        await scene.control.replaceCertificates(scene.ref, { server: -3600, client: -3600 });
        await scene.preview(2);
        assert.equal(known, false);
        const record = recordOf((await scene.up(2)).outputs);
        assert.equal(record.outcome, "rotated");
        assert.equal(scene.rotations, 1);
    });
});
