import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { rotateAction } from "../../azure/explain";
import { clusterId } from "../../formats/cluster-id";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { type Beforehand, findingsBeforehand } from "../../rotator/preflight/beforehand";
import { checks, type PreflightCheck } from "../../rotator/preflight/finding";

const ref = { resourceGroup: "shop", name: "prod" };

describe("a preflight of a cluster in the local AKS", () => {
    const trusted = tls.getCACertificates("default");
    let aks: LocalAks;
    let names: Beforehand;

    before(async () => {
        aks = await startLocalAks();
        await aks.addCluster({ ...ref, backend: "light" });
        // As NODE_EXTRA_CA_CERTS does it for a process of its own.
        tls.setDefaultCACertificates([...trusted, readFileSync(aks.caFile, "utf8")]);
        names = {
            subscriptionId: aks.subscriptionId,
            resourceGroupName: ref.resourceGroup,
            clusterName: ref.name,
            clusterId: clusterId(aks.subscriptionId, ref.resourceGroup, ref.name),
            credentials: "user",
            verify: "required",
        };
    });
    afterEach(() => aks.control.clearFaults());
    after(async () => {
        tls.setDefaultCACertificates(trusted);
        await aks.close();
    });

    const look = (withinMs = 20_000) => findingsBeforehand(names, aks.environment, withinMs);

    async function finding(check: PreflightCheck) {
        return (await look()).find((one) => one.check === check) ?? assert.fail(`no finding of ${check}`);
    }

    it("is well by default, with one finding for each check", async () => {
        const findings = await look();
        assert.deepEqual(
            findings.map(({ check, status }) => [check, status]),
            checks.map((check) => [check, "ok"]),
        );
    });

    it("names the right that was taken away", async () => {
        aks.control.denyActions([rotateAction]);
        const { status, message } = await finding("rights");
        aks.control.denyActions([]);
        assert.equal(status, "blocks");
        assert.ok(message.toLowerCase().endsWith(rotateAction.toLowerCase()), message);
    });

    it("names node pools, disruption budgets and an unsupported version", async () => {
        aks.control.set(ref, {
            nodePools: [{ name: "np1", provisioningState: "Upgrading", maxSurge: "0" }],
            disruptionBudgets: [{ namespace: "web", name: "front", disruptionsAllowed: 0 }],
        });
        aks.control.setKubernetesVersions([
            { version: "1.37", supportPlan: ["KubernetesOfficial"], patches: ["1.37.0"] },
        ]);
        const findings = await look();
        const warned = findings.filter(({ status }) => status === "warns").map(({ message }) => message);
        aks.control.set(ref, { nodePools: [{ name: "nodepool1" }], disruptionBudgets: [] });
        assert.equal(warned.length, 4);
        assert.match(warned.join("\n"), /np1 is Upgrading[\s\S]*np1 lets no node[\s\S]*web\/front[\s\S]*1\.36\.3/);
    });

    for (const [check, kind, path] of [
        ["rights", "permissions", undefined],
        ["kubernetesVersion", "kubernetesVersions", undefined],
        ["disruptionBudgets", "apiServer", "poddisruptionbudgets"],
    ] as const) {
        it(`says that it could not look where the request for ${check} is refused`, async () => {
            const message = "The client may not do this.";
            const answer = { type: "answer", status: 403, code: "AuthorizationFailed", message } as const;
            aks.control.addFault({ match: { kind, path }, action: answer, count: 0 });
            const { status, message: told } = await finding(check);
            assert.equal(status, "unknown");
            assert.match(told, /^it could not be looked at: .*may not/);
        });

        it(`says that it could not look where the request for ${check} is never answered, in time`, async () => {
            aks.control.addFault({ match: { kind, path }, action: { type: "hang", when: "before" }, count: 0 });
            const began = performance.now();
            const findings = await look(2500);
            assert.ok(performance.now() - began < 3500);
            assert.deepEqual(
                findings.filter((one) => one.status !== "ok").map((one) => [one.check, one.status]),
                check === "kubernetesVersion"
                    ? [[check, "unknown"]]
                    : [
                          [check, "unknown"],
                          ["kubernetesVersion", "warns"],
                      ],
            );
        });
    }

    it("is one finding where there is no such cluster, or nobody can sign in", async () => {
        const none = await findingsBeforehand({ ...names, clusterName: "none" }, aks.environment, 5000);
        assert.deepEqual([none.length, none[0]?.status], [1, "unknown"]);
        assert.match(none[0]?.message ?? "", /There is no cluster "none"/);
        const env = { ...aks.environment, ARM_CLIENT_SECRET: "wrong" };
        assert.match((await findingsBeforehand(names, env, 5000))[0]?.message ?? "", /AADSTS7000215/);
    });
});
