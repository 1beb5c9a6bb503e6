import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { ClusterNames } from "../../azure/cluster-names";
import { connections } from "../../azure/connections";
import { rotateAction, runCommandActions } from "../../azure/explain";
import { type Diagnosis, diagnose } from "../../cli/diagnose";
import { exitCodeOf } from "../../cli/doctor";
import type { DoctorFinding } from "../../cli/doctor-finding";
import { doctorTable } from "../../cli/doctor-table";
import { clockFinding, judgeClock } from "../../cli/judge-clock";
import { judgeKubelogin, judgeNode, judgePulumi } from "../../cli/judge-machine";
import { versionOf } from "../../cli/version-of";
import { whichCluster } from "../../cli/which-cluster";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { commandLine } from "../support/command-line";
import { startConnectProxy } from "../support/connect-proxy";
import { withEnvironment } from "../support/with-environment";

const finding = (check: DoctorFinding["check"], status: DoctorFinding["status"]) =>
    ({ check, status, message: "It is so", advice: status === "ok" ? "" : "Do it." }) as DoctorFinding;

function ofCredentials({ findings }: Diagnosis): DoctorFinding {
    return findings.find(({ check }) => check === "credentials") ?? assert.fail("no finding of credentials");
}

describe("doctor", () => {
    it("exits with 0 where nothing blocks, 2 where something does, 3 where nobody knows", () => {
        const code = (...findings: DoctorFinding[]) => exitCodeOf({ clusterId: "", findings });
        assert.equal(code(finding("rights", "ok"), finding("nodePools", "warns")), 0);
        assert.equal(code(finding("disruptionBudgets", "unknown")), 0);
        assert.equal(code(finding("rights", "blocks"), finding("signIn", "unknown")), 2);
        for (const check of ["cloud", "signIn", "cluster", "rights", "credentials", "clusterState"] as const) {
            assert.equal(code(finding(check, "unknown")), 3);
        }
    });

    it("prints a line for each check, then what to do", () => {
        const findings = [finding("rights", "blocks"), finding("node", "ok"), finding("pulumi", "unknown")];
        const lines = doctorTable({ clusterId: "/id", findings }, { columns: 80 });
        assert.deepEqual(lines.split("\n"), [
            "/id",
            "",
            "✘  rights   It is so",
            "✔  node     It is so",
            "?  pulumi   It is so",
            "",
            "What to do:",
            "✘ rights: Do it.",
            "? pulumi: Do it.",
        ]);
    });

    it("judges the clock, Node.js, pulumi and kubelogin", () => {
        assert.equal(clockFinding(-299_000).status, "ok");
        assert.match(clockFinding(3600_000).message, /^this machine's clock is 60 min behind Azure's$/);
        assert.match(clockFinding(-3600_000).message, /60 min ahead of Azure's/);
        assert.equal(clockFinding(Number.NaN).status, "unknown");
        assert.deepEqual([judgeNode("22.0.0").status, judgeNode("20.19.1").status], ["ok", "blocks"]);
        const versions = ["v3.259.0", "v3.300.1", "4.0.0", "v3.258.9", "v2.999.0", undefined];
        assert.deepEqual(
            versions.map((version) => judgePulumi(version).status),
            ["ok", "ok", "ok", "warns", "warns", "unknown"],
        );
        const needed = [
            judgeKubelogin(false, undefined),
            judgeKubelogin(true, "v0.2"),
            judgeKubelogin(true, undefined),
        ];
        assert.deepEqual(
            needed.map(({ status }) => status),
            ["ok", "ok", "warns"],
        );
    });

    it("finds no program where PATH ends in a file", async () => {
        await withEnvironment({ PATH: __filename }, async () => {
            assert.equal(await versionOf("pulumi", ["version"]), undefined);
        });
    });

    it("says which option is missing, or one too many", () => {
        const id = "/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerService/managedClusters/C";
        const named = { resourceGroup: "G", name: "C" };
        assert.deepEqual(whichCluster({ clusterId: id }, {}), whichCluster({ ...named, subscription: "S" }, {}));
        assert.equal(whichCluster({ ...named, admin: true }, { ARM_SUBSCRIPTION_ID: "S" }).credentials, "admin");
        assert.throws(() => whichCluster(named, {}), /--subscription is missing, and ARM_SUBSCRIPTION_ID is not set/);
        assert.throws(() => whichCluster({ name: "C" }, {}), /--resource-group is missing/);
        assert.throws(() => whichCluster({ resourceGroup: "G" }, {}), /--name is missing/);
        assert.throws(() => whichCluster({ clusterId: id, ...named }, {}), /leave out --resource-group/);
    });

    describe("of a cluster in the local AKS", () => {
        const trusted = tls.getCACertificates("default");
        let aks: LocalAks;
        let names: ClusterNames;

        before(async () => {
            aks = await startLocalAks();
            await aks.addCluster({ resourceGroup: "shop", name: "prod", backend: "light" });
            tls.setDefaultCACertificates([...trusted, readFileSync(aks.caFile, "utf8")]);
            names = whichCluster({ resourceGroup: "shop", name: "prod" }, aks.environment);
        });
        after(async () => {
            tls.setDefaultCACertificates(trusted);
            await aks.close();
        });

        it("says how it signed in and as whom, and nothing secret", async () => {
            const diagnosis = await diagnose(names, aks.environment);
            assert.equal(exitCodeOf(diagnosis), 0);
            const signIn = diagnosis.findings.find(({ check }) => check === "signIn")?.message ?? "";
            assert.match(signIn, new RegExp(`client secret: application ${aks.clientId}, tenant ${aks.tenantId}$`));
            const text = JSON.stringify(diagnosis);
            assert.deepEqual(
                aks.issuedSecrets().filter((secret) => text.includes(secret)),
                [],
            );
        });

        it("blocks without the right, without the cluster, and without a sign-in; does not know without a cloud", async () => {
            aks.control.denyActions([rotateAction]);
            assert.equal(exitCodeOf(await diagnose(names, aks.environment)), 2);
            aks.control.denyActions([]);
            const none = whichCluster({ resourceGroup: "shop", name: "none" }, aks.environment);
            assert.equal(exitCodeOf(await diagnose(none, aks.environment)), 2);
            const wrong = { ...aks.environment, ARM_CLIENT_SECRET: "wrong" };
            const { findings } = await diagnose(names, wrong);
            assert.match(findings.find(({ status }) => status === "blocks")?.message ?? "", /AADSTS7000215/);
            const unknown = await diagnose(names, {
                ...aks.environment,
                ARM_ENVIRONMENT: "moon",
                ARM_METADATA_HOSTNAME: "",
            });
            assert.equal(exitCodeOf(unknown), 3);
        });

        it("names a certificate of the API server that has expired, with its date, and one that soon does, and blocks neither", async () => {
            const ref = { resourceGroup: "shop", name: "old" };
            await aks.addCluster({ ...ref, backend: "light" });
            const old = whichCluster(ref, aks.environment);
            const certificates = async () => {
                const diagnosis = await diagnose(old, aks.environment);
                const found = diagnosis.findings.find(({ check }) => check === "certificates") ?? assert.fail();
                return [exitCodeOf(diagnosis), found.status, found.message];
            };
            const day = 86_400;
            const date = (days: number) => new Date(Date.now() + days * day * 1000).toISOString().slice(0, 10);
            await aks.control.replaceCertificates(ref, { server: -10 * day });
            assert.deepEqual(await certificates(), [
                0,
                "warns",
                `the API server's certificate has expired on ${date(-10)}`,
            ]);
            await aks.control.replaceCertificates(ref, { server: 59.5 * day });
            assert.deepEqual(await certificates(), [
                0,
                "warns",
                `the API server's certificate expires on ${date(59.5)}, in 59 days`,
            ]);
            await aks.control.replaceCertificates(ref, {});
            assert.equal((await certificates())[1], "ok");
        });

        it("blocks where Azure refuses the credentials, with the reason", async () => {
            const ref = { resourceGroup: "shop", name: "entra" };
            await aks.addCluster({
                ...ref,
                backend: "light",
                aadProfile: { managed: true },
                disableLocalAccounts: true,
            });
            const admin = whichCluster({ ...ref, admin: true }, aks.environment);
            const refused = await diagnose(admin, aks.environment);
            assert.equal(exitCodeOf(refused), 2);
            const { message, advice } = ofCredentials(refused);
            assert.match(message, /^the cluster admin's could not be read: Azure answered 400 .*local accounts/);
            assert.match(advice, /^The cluster "entra" has no local accounts/);
        });

        it("requests a token for no other application than the one that is named", async () => {
            await aks.addCluster({
                resourceGroup: "shop",
                name: "own-application",
                backend: "light",
                aadProfile: { managed: true },
            });
            const doctor = (id: string) =>
                commandLine(aks, ["doctor", "-g", "shop", "-n", "own-application", "--server-application-id", id]);
            const { out } = await doctor("00000000-0000-4000-8000-000000000009");
            assert.match(out.replace(/\s+/g, " "), /not for 00000000-\S+, which serverApplicationId allows/);
            const { code, err } = await doctor("mine");
            assert.equal(code, 2);
            assert.match(err, /must be the id of an application .*\(a UUID\)/);
        });

        it("looks as the component would that verifies through runCommand, or not at all", async () => {
            const hidden = { resourceGroup: "shop", name: "hidden" };
            const apiServerAccessProfile = { enablePrivateCluster: true };
            await aks.addCluster({ ...hidden, backend: "light", apiServerAccessProfile });
            const doctor = async (...own: string[]) => {
                const args = ["doctor", "-g", "shop", "-n", "hidden", "-o", "json", ...own];
                const { code, out } = await commandLine(aks, args);
                const { findings }: Diagnosis = JSON.parse(out);
                const [rights, apiServer] = (["rights", "apiServer"] as const).map(
                    (name) => findings.find(({ check }) => check === name) ?? assert.fail(name),
                );
                return { code, rights: rights?.message, apiServer: apiServer?.message };
            };
            const [action = ""] = runCommandActions;
            aks.control.denyActions([action]);
            assert.match((await doctor()).apiServer ?? "", /cannot be reached from this machine: ./);
            assert.equal((await doctor()).code, 0);
            const through = await doctor("--verify-through", "runCommand");
            assert.deepEqual([through.code, through.rights], [2, `the identity that signed in lacks ${action}`]);
            assert.match(through.apiServer ?? "", /not asked: that takes a command in the cluster/);
            const off = await doctor("--verify-through", "runCommand", "--verify", "off");
            assert.equal(off.code, 0);
            assert.match(off.apiServer ?? "", /verify is off/);
            aks.control.denyActions([]);
            const { code, err } = await commandLine(aks, ["doctor", "--verify", "some"]);
            assert.equal(code, 2);
            assert.match(err, /Allowed choices are required, bestEffort, off/);
        });

        it("asks a private cluster's API server by the name that is asked for", async () => {
            const hidden = { resourceGroup: "shop", name: "two-names" };
            const apiServerAccessProfile = { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true };
            await aks.addCluster({ ...hidden, backend: "light", apiServerAccessProfile });
            const { out } = await commandLine(aks, ["doctor", "-g", "shop", "-n", "two-names", "--public-fqdn"]);
            assert.match(out, /https:\/\/localhost:\d+ cannot be reached/);
        });

        it("tells a clock that is an hour off", async () => {
            aks.control.setClockSkew(3600);
            const { findings } = await diagnose(names, aks.environment);
            aks.control.setClockSkew(0);
            assert.match(findings.find(({ check }) => check === "clock")?.message ?? "", /60 min behind Azure's/);
        });

        it("does not know where Resource Manager is silent, and says all else that it has seen", async () => {
            const silent = aks.control.addFault({
                match: { path: "^/subscriptions" },
                action: { type: "hold", when: "before" },
                count: 0,
            });
            const diagnosis = await diagnose(names, aks.environment, { oneMs: 500, allMs: 1000 });
            aks.control.removeFault(silent);
            assert.equal(exitCodeOf(diagnosis), 3);
            const found = diagnosis.findings.map(({ check, status }) => `${check} ${status}`);
            assert.deepEqual(found.slice(0, 4), ["cloud ok", "signIn ok", "clock unknown", "cluster unknown"]);
            assert.ok(found.includes("node ok"));
            assert.match(diagnosis.findings[2]?.message ?? "", /did not say what time it is: no answer in time/);
            assert.match(diagnosis.findings[3]?.message ?? "", /^Azure did not answer in time\. Check the network/);
        });

        it("asks for the clock through the proxy too", async () => {
            await using proxy = await startConnectProxy();
            const resourceManager = aks.url.replace("127.0.0.1", "azure.test");
            const { message } = await judgeClock(
                resourceManager,
                connections({ HTTPS_PROXY: proxy.url }),
                AbortSignal.timeout(5000),
            );
            assert.deepEqual(proxy.targets, [new URL(resourceManager).host], message);
        });

        it("blocks where the cluster is a fleet's hub, and says what to name in its place", async () => {
            const ref = { resourceGroup: "FL_shop_fleet_westeurope", name: "hub" };
            await aks.addCluster({ ...ref, backend: "light" });
            const diagnosis = await diagnose(whichCluster(ref, aks.environment), aks.environment);
            const { message, advice } = diagnosis.findings.find(({ check }) => check === "cluster") ?? {};
            assert.equal(exitCodeOf(diagnosis), 2);
            assert.match(
                message ?? "",
                /is the hub cluster of an Azure Kubernetes Fleet Manager, which looks after it/,
            );
            assert.match(advice ?? "", /az fleet member list/);
        });

        it("says what there is in place of a cluster", async () => {
            aks.control.addResource("Microsoft.ContainerService/fleets", { resourceGroup: "shop", name: "hub" });
            const hub = whichCluster({ resourceGroup: "shop", name: "hub" }, aks.environment);
            const diagnosis = await diagnose(hub, aks.environment);
            const { status, advice } = diagnosis.findings.find(({ check }) => check === "cluster") ?? {};
            assert.equal(status, "blocks");
            assert.match(advice ?? "", /^"hub" in resource group "shop" is an Azure Kubernetes Fleet Manager/);
        });
    });
});
