import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { explain, isTransient } from "../../azure/explain";
import { CommandNotRun, RunCommandUnavailable } from "../../azure/run-command";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { parseRecord } from "../../formats/record";
import { ThroughCommand } from "../../rotator/through-command";
import { act } from "../support/azure";
import { clusterFixture, type Fixture, question, rotated, runRotator, signal } from "../support/cluster-fixture";

const entraId = { aadProfile: { managed: true } };
const isPrivate = { apiServerAccessProfile: { enablePrivateCluster: true } };

/** All that was sent and what was answered, of a fixture whose commands are kept. */
function withLog(fixture: Fixture) {
    const azure = fixture.azure();
    const told: string[] = [];
    const through = new ThroughCommand(
        {
            runCommand: async (command, token, abort) => {
                const outcome = await azure.runCommand(command, token, abort);
                told.push(command, outcome.logs);
                return outcome;
            },
        },
        fixture.getToken,
        { connections: 2, overMs: 100 },
    );
    return { through, told };
}

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

for (const kubectlStandIn of hasKubectl ? [true, false] : [true]) {
    describe(`clusters, verified through runCommand, with ${kubectlStandIn ? "the stand-in for kubectl" : "the kubectl of this machine"}`, function () {
        this.timeout(60_000);

        it("that are private: a rotation is verified, and no secret is sent or comes back", async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn });
            const { through, told } = withLog(fixture);
            const both = await rotated(fixture);
            const probe = (now: Kubeconfig, intent?: Kubeconfig) =>
                through.probeServerCa(now, intent?.ca, { connections: 2, overMs: 100 }, signal());
            assert.deepEqual(await probe(both.now), { credentials: "match", intent: undefined });
            assert.deepEqual(await probe(both.before), { credentials: "mismatch", intent: undefined });
            assert.deepEqual(await probe(both.now, both.before), { credentials: "match", intent: "mismatch" });
            assert.deepEqual(await probe(both.before, both.now), { credentials: "mismatch", intent: "match" });
            const { verified, notVerified, verifiedThrough } = await through.verify(question(both), signal());
            assert.equal(verifiedThrough, "runCommand");
            assert.deepEqual(verified, [
                "provisioningState",
                "caChanged",
                "newCaAccepted",
                "oldCaRefused",
                "newCredentialsAccepted",
            ]);
            const reason =
                "the API server's list of client CAs, which a command in the cluster can read, keeps those of before";
            assert.deepEqual(notVerified, [{ check: "oldClientCertificateRefused", reason }]);
            assert.ok(told.length > 0);
            const text = told.join("\n");
            for (const secret of fixture.aks.issuedSecrets()) {
                assert.equal(text.includes(secret), false);
            }
        });

        it("find a CA that is not the new one, and an old one that is still in force", async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn });
            const { through } = withLog(fixture);
            const { before, now } = await rotated(fixture);
            await assert.rejects(
                through.verify(question({ before: now, now: before }), signal()),
                /the cluster CA does not verify the API server's certificate \(x509: .*unknown authority/,
            );
            await assert.rejects(
                through.verify(question({ before: now, now }), signal()),
                /the API server still has a certificate that the old CA verifies/,
            );
        });

        it("with Microsoft Entra ID: AKS gets the user's token; whether the user is let in is not checked", async () => {
            await using fixture = await clusterFixture({ ...isPrivate, ...entraId }, { kubectlStandIn });
            const { through, told } = withLog(fixture);
            const { verified, notVerified } = await through.verify(question(await rotated(fixture)), signal());
            assert.deepEqual(verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
            assert.deepEqual(
                notVerified.map(({ check }) => check),
                ["newCredentialsAccepted", "oldClientCertificateRefused"],
            );
            assert.ok(fixture.aks.issuedSecrets().every((secret) => !told.join().includes(secret)));
        });

        it("with Microsoft Entra ID and an admin's credentials: the client certificate is checked too", async () => {
            await using fixture = await clusterFixture({ ...isPrivate, ...entraId }, { kubectlStandIn });
            const { through } = withLog(fixture);
            const { verified, notVerified } = await through.verify(
                question(await rotated(fixture, { credentials: "admin" })),
                signal(),
            );
            assert.deepEqual(
                notVerified.map(({ check }) => check),
                ["oldClientCertificateRefused"],
            );
            assert.ok(verified.includes("newCredentialsAccepted"));
        });

        it("with Microsoft Entra ID and an admin's credentials: what the identity may not read is not checked, and said so", async () => {
            await using fixture = await clusterFixture({ ...isPrivate, ...entraId }, { kubectlStandIn });
            const { through } = withLog(fixture);
            const both = await rotated(fixture, { credentials: "admin" });
            fixture.aks.control.denyActions(["Microsoft.ContainerService/managedClusters/configmaps/read"]);
            const { verified, notVerified } = await through.verify(question(both), signal());
            assert.deepEqual(verified, ["provisioningState", "caChanged", "newCaAccepted", "oldCaRefused"]);
            assert.equal(notVerified.length, 2);
            for (const { reason } of notVerified) {
                assert.match(reason, /could not be read: Error from server \(Forbidden\): configmaps is forbidden/);
            }
        });
    });
}

describe("a command in a cluster", () => {
    it("that cannot be run is told with AKS's reason", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const reason = "container command-1 in aks-command namespace did not start within 30s on your cluster";
        fixture.aks.control.set(fixture.ref, { commandFailure: reason });
        await assert.rejects(fixture.azure().runCommand("true", undefined, signal()), (error: Error) =>
            error.message.endsWith(`AKS could not run a command in the cluster: ${reason}`),
        );
    });

    it("whose pod does not start is told with AKS's words, and asked for once", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const message = "container command-1 in aks-command namespace did not start within 30s on your cluster";
        fixture.aks.control.addFault({
            match: { kind: "runCommand" },
            action: { type: "answer", status: 500, code: "KubernetesOperationError", message },
            count: 0,
        });
        const run = fixture.azure().runCommand("true", undefined, signal());
        await assert.rejects(run, (error) => error instanceof CommandNotRun && error.message.includes(message));
        assert.equal(fixture.aks.control.cluster(fixture.ref).requests.runCommand, 1);
    });

    const notRun: [what: string, code: string, message: string, advice: RegExp][] = [
        [
            "no node takes its pod",
            "KubernetesPerformanceError",
            "Failed to run command due to cluster perf issue, container command-1 in aks-command namespace did not start within 30s on your cluster, retry may helps.",
            /ready node without taints and with room/,
        ],
        [
            "there is no room for its pod",
            "KubernetesPerformanceError",
            "Pod is not schedulable: Insufficient resources for the RunCommand pod.",
            /ready node without taints and with room/,
        ],
        [
            "a policy forbids its pod",
            "KubernetesOperationError",
            'Failed to run command in managed cluster due to kubernetes failure. details: admission webhook "validation.gatekeeper.sh" denied the request: [no-root]',
            /exempt the namespace aks-command/,
        ],
    ];
    for (const [what, code, message, advice] of notRun) {
        it(`comes with advice where ${what}, whenever AKS says so`, async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
            const { control } = fixture.aks;
            const run = () => fixture.azure().runCommand("true", undefined, signal());
            const isTold = (error: unknown) => {
                assert.ok(error instanceof CommandNotRun);
                assert.ok(error.message.includes(message));
                assert.match(error.advice ?? "", advice);
                return true;
            };
            for (const kind of ["runCommand", "commandResult"] as const) {
                control.clearFaults();
                control.addFault({ match: { kind }, action: { type: "answer", status: 404, code, message }, count: 0 });
                await assert.rejects(run(), isTold);
            }
            control.clearFaults();
            control.set(fixture.ref, { commandFailure: message });
            await assert.rejects(run(), isTold);
        });
    }

    it("that AKS answers with an error of its own is told apart from an API server that cannot be reached", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const match = { kind: "runCommand" } as const;
        for (const answer of [
            { status: 500, code: "InternalServerError", message: "Oops." },
            { status: 503, body: "<html>" },
        ]) {
            fixture.aks.control.addFault({ match, action: { type: "answer", ...answer } });
            await assert.rejects(fixture.azure().runCommand("true", undefined, signal()), (error) => {
                assert.ok(error instanceof RunCommandUnavailable);
                assert.match(
                    error.message,
                    /^AKS's runCommand answered 50[03]: (InternalServerError: Oops\.|an HTML page)$/,
                );
                return isTransient(error);
            });
        }
    });

    it("is waited for as long as it runs", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        fixture.aks.control.set(fixture.ref, { commandSeconds: 0.5 });
        const outcome = await fixture.azure().runCommand("echo out; echo err >&2; exit 3", undefined, signal());
        assert.equal(outcome.exitCode, 3);
        assert.match(outcome.logs, /out/);
        assert.match(outcome.logs, /err/);
        assert.ok((fixture.aks.control.cluster(fixture.ref).requests.commandResult ?? 0) >= 2);
    });

    for (const commandAnswer of ["accepted", "result", "running"] as const) {
        it(`has its result, and AKS's reason where it could not be run, when it is answered: ${commandAnswer}`, async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
            fixture.aks.control.set(fixture.ref, { commandAnswer });
            const outcome = await fixture.azure().runCommand("echo out; exit 3", undefined, signal());
            assert.deepEqual(outcome, { exitCode: 3, logs: "out\n" });
            const { runCommand, commandResult = 0 } = fixture.aks.control.cluster(fixture.ref).requests;
            assert.equal(runCommand, 1);
            assert.equal(commandResult === 0, commandAnswer === "result");
            fixture.aks.control.set(fixture.ref, { commandFailure: "no room for its pod" });
            await assert.rejects(fixture.azure().runCommand("true", undefined, signal()), (error) => {
                assert.ok(error instanceof CommandNotRun);
                assert.match(error.message, /AKS could not run a command in the cluster: no room for its pod$/);
                return true;
            });
        });
    }

    it("is refused where it is disabled, the right is missing, or the cluster is stopped", async () => {
        const access = { ...isPrivate.apiServerAccessProfile, disableRunCommand: true };
        await using fixture = await clusterFixture({ apiServerAccessProfile: access });
        await assert.rejects(fixture.azure().runCommand("true", undefined, signal()), /Run command is disabled/);
        await using other = await clusterFixture(isPrivate);
        for (const action of ["runCommand/action", "commandResults/read"]) {
            other.aks.control.denyActions([`Microsoft.ContainerService/managedClusters/${action}`]);
            await assert.rejects(
                other.azure().runCommand("true", undefined, signal()),
                (error: Error & { code?: string }) =>
                    error.code === "AuthorizationFailed" && error.message.includes(action),
            );
        }
    });
});

describe("a run of the rotator for a private cluster", function () {
    this.timeout(60_000);

    it("adopts and rotates it through runCommand, exactly once, and says what it did not see", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const own = { verifyThrough: "runCommand" } as const;
        const first = await runRotator(fixture, own);
        assert.equal(first.record.outcome, "adopted");
        assert.deepEqual(first.record.verified, ["newCaAccepted", "newCredentialsAccepted"]);
        const { record } = await runRotator(fixture, own, first.record);
        assert.equal(record.outcome, "rotated");
        assert.equal(record.verifiedThrough, "runCommand");
        assert.equal(record.verified.length, 5);
        assert.deepEqual([record.outage, record.apiServerCertificate], [null, null]);
        assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, 1);
        assert.deepEqual(parseRecord(JSON.stringify(record)), record);
    });

    it("names the pod disruption budgets in its preflight, by a command; without a verification it runs none", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const own = { verifyThrough: "runCommand" } as const;
        const disruptionBudgets = [{ namespace: "web", name: "front", disruptionsAllowed: 0 }];
        fixture.aks.control.set(fixture.ref, { disruptionBudgets });
        const { record } = await runRotator(fixture, own);
        const { told, record: rotated } = await runRotator(fixture, own, record);
        const line = /The preflight warns: disruptionBudgets: .*no pod be evicted now: web\/front/;
        assert.match(told.join("\n"), line);
        const { requests } = fixture.aks.control.cluster(fixture.ref);
        const again = await runRotator(fixture, { ...own, verify: "off" }, rotated);
        assert.match(again.told.join("\n"), /could not look: disruptionBudgets: .*\(verifyThrough\)/);
        assert.equal(fixture.aks.control.cluster(fixture.ref).requests.runCommand, requests.runCommand);
    });

    it("stops before it does anything where it cannot reach it, and proposes verifyThrough", async () => {
        await using fixture = await clusterFixture(isPrivate);
        await assert.rejects(
            runRotator(fixture, {}),
            /cannot be reached[\s\S]*Nothing was rotated[\s\S]*set verifyThrough to "runCommand"/,
        );
        const { record } = await runRotator(fixture, { verify: "bestEffort" });
        assert.deepEqual(record.verified, []);
        assert.ok(record.notVerified.every(({ reason }) => reason.startsWith("the API server could not be asked: ")));
    });

    it("stops before it does anything where commands cannot be run, with AKS's reason", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const own = { verifyThrough: "runCommand" } as const;
        const { record } = await runRotator(fixture, own);
        fixture.aks.control.set(fixture.ref, { commandFailure: "no node has room for the pod" });
        await assert.rejects(
            runRotator(fixture, own, record),
            /could not be asked by a command in the cluster[\s\S]*Nothing was rotated/,
        );
        assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, 0);
        const best = await runRotator(fixture, { ...own, verify: "bestEffort", settleTimeoutSeconds: 1 }, record);
        assert.equal(best.record.outcome, "rotated");
        assert.match(best.record.notVerified[0]?.reason ?? "", /no node has room for the pod/);
        const lines = best.told.filter((line) => /^The API server could not be asked.*no node has room/.test(line));
        // Once by the snapshot, once by the rotation.
        assert.equal(lines.length, 2, best.told.join("\n"));
    });

    for (const [what, action] of [
        ["reset", { type: "reset", when: "after" }],
        ["half an answer", { type: "half" }],
        ["half an answer that seems whole", { type: "half", cleanly: true }],
    ] as const) {
        it(`runs a command again whose answer is lost: ${what}`, async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
            const { control } = fixture.aks;
            control.addFault({ match: { kind: "runCommand" }, action, count: 2 });
            const { record } = await runRotator(fixture, { verifyThrough: "runCommand" });
            assert.deepEqual(record.verified, ["newCaAccepted", "newCredentialsAccepted"]);
            control.addFault({ match: { kind: "runCommand" }, action, count: 0 });
            await assert.rejects(runRotator(fixture, { verifyThrough: "runCommand" }));
        });
    }

    for (const action of ["runCommand/action", "commandResults/read"]) {
        it(`names the RBAC action ${action} where it is missing`, async () => {
            await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
            fixture.aks.control.denyActions([`Microsoft.ContainerService/managedClusters/${action}`]);
            const error: unknown = await runRotator(fixture, { verifyThrough: "runCommand" }).catch((e) => e);
            const words = explain(error, fixture.names(), fixture.signIn);
            assert.match(
                words,
                /403 AuthorizationFailed[\s\S]*verifyThrough is "runCommand"[\s\S]*runCommand\/action and .*commandResults\/read/,
            );
        });
    }

    it("of a stopped cluster asks nothing, and rotates only where the rotation need not be verified", async () => {
        await using fixture = await clusterFixture(isPrivate, { kubectlStandIn: true });
        const own = { verifyThrough: "runCommand" } as const;
        const { record } = await runRotator(fixture, own);
        await act(fixture.aks, fixture.ref, "stop");
        const asked = fixture.aks.control.cluster(fixture.ref).requests.runCommand;
        await assert.rejects(runRotator(fixture, own, record), /is stopped, so a rotation could not be verified/);
        assert.equal(fixture.aks.control.cluster(fixture.ref).rotations.started, 0);
        const after = await runRotator(fixture, { ...own, verify: "bestEffort" }, record);
        assert.match(after.told.join("\n"), /The preflight warns: clusterState: the cluster is stopped/);
        assert.equal(after.record.outcome, "rotated");
        assert.ok(after.record.notVerified.every(({ reason }) => reason === "the cluster is stopped"));
        assert.equal(fixture.aks.control.cluster(fixture.ref).requests.runCommand, asked);
    });
});
