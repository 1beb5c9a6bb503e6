import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";
import { act } from "../support/azure";
import { cloudOf, fakeAz } from "../support/sign-in";
import { day, prod, StatusScene, test } from "../support/status-scene";
import { withEnvironment } from "../support/with-environment";

describe("the status of a cluster", function () {
    this.timeout(60_000);
    let scene: StatusScene;
    let aks: LocalAks;

    beforeEach(async () => {
        scene = await StatusScene.open();
        ({ aks } = scene);
    });
    afterEach(() => scene[Symbol.asyncDispose]());

    it("has the exit codes of a monitoring plugin, by the days that are left", async () => {
        const cases: [lifetimes: { server?: number; client?: number; ca?: number }, code: number, state: string][] = [
            [{ client: 31.5 * day }, 0, "ok"],
            [{ client: 30.5 * day }, 1, "warning"],
            [{ server: 8.5 * day }, 1, "warning"],
            [{ server: 7.5 * day }, 2, "critical"],
            [{ client: -3 * day }, 2, "critical"],
        ];
        for (const [lifetimes, code, state] of cases) {
            await aks.control.replaceCertificates(prod, lifetimes);
            const seen = await scene.report([]);
            assert.deepEqual([seen.code, seen.state], [code, state], JSON.stringify(lifetimes));
        }
        assert.equal((await scene.report(["--warn-days", "800", "-g", "lab"])).code, 1);
        assert.equal((await scene.report(["--warn-days", "800", "--critical-days", "750", "-g", "lab"])).code, 2);
    });

    it("still tells of a cluster whose certificates have all expired", async () => {
        await aks.control.replaceCertificates(prod, { ca: -day, server: -day, client: -day });
        const { clusters, code } = await scene.report(["-g", "shop"]);
        assert.deepEqual(
            clusters[0]?.certificates.map(({ daysLeft, state }) => [daysLeft, state]),
            Array(3).fill([-2, "critical"]),
        );
        assert.match(clusters[0]?.rotationUnknown ?? "", /not trusted \(CERT_HAS_EXPIRED\)/);
        assert.equal(code, 2);
        assert.match(
            (await scene.status(["-g", "shop"])).out,
            /^AKS CERTIFICATES CRITICAL - 1 cluster, 1 not ok; next: .*has expired 2 days ago/,
        );
    });

    it("notices that Azure's credentials are not yet those of the API server", async () => {
        aks.control.set(prod, { credentialsLagSeconds: 60 });
        await aks.control.rotateBySomebodyElse(prod).finished;
        const { clusters, code } = await scene.report(["-g", "shop"]);
        assert.match(clusters[0]?.notes.join() ?? "", /not of the cluster CA that Azure hands out/);
        assert.equal(code, 1);
    });

    it("does not mind a cluster that is stopped, and asks nothing of its API server", async () => {
        aks.control.set(prod, { operationSeconds: 0 });
        await act(aks, prod, "stop");
        const { clusters, code } = await scene.report(["-g", "shop"]);
        assert.equal(clusters[0]?.powerState, "Stopped");
        assert.match(clusters[0]?.notes.join() ?? "", /not seen: the cluster is stopped/);
        assert.equal(code, 0);
    });

    it("says unknown where an API server cannot be reached, unless it was not to be asked", async () => {
        await aks.control.setReachable(prod, false);
        const unreachable = await scene.report(["-g", "shop"]);
        assert.match(unreachable.clusters[0]?.notes.join() ?? "", /cannot be reached: .*ECONNREFUSED/);
        assert.equal(unreachable.code, 3);
        const asked = await scene.report(["-g", "shop", "--no-api-server"]);
        assert.deepEqual(
            asked.clusters[0]?.certificates.map(({ certificate }) => certificate),
            ["cluster CA", "client"],
        );
        assert.equal(asked.code, 0);
    });

    it("makes a cluster that fails a row with its error, and not the end of all", async () => {
        aks.control.addFault({
            match: { kind: "listClusterUserCredential", cluster: "prod" },
            action: { type: "answer", status: 403, code: "AuthorizationFailed", message: "No." },
            count: 0,
        });
        const { clusters, code } = await scene.report([]);
        assert.equal(clusters[0]?.error, null);
        assert.match(clusters[1]?.error ?? "", /No\.[\s\S]*listClusterUserCredential\/action/);
        assert.doesNotMatch(clusters[1]?.error ?? "", /rotateClusterCertificates|pulumi up/);
        assert.equal(code, 3);
        await aks.control.replaceCertificates(test, { client: day });
        assert.equal((await scene.report([])).code, 2, "critical is worse than unknown");
        const { out } = await scene.status([]);
        assert.match(out, /shop\/prod {3,}unknown/);
        assert.match(out, /^shop\/prod: ERROR: Azure answered 403 AuthorizationFailed: No\./m);
    });

    it("reads the record of a cluster with Microsoft Entra ID with a token for it", async () => {
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", aadProfile: { managed: true } });
        const { clusters, code } = await scene.report(["-g", "shop", "-n", "entra"]);
        assert.equal(clusters[0]?.rotationUnknown, "there is no ConfigMap default/aks-certificate-rotation");
        assert.equal(code, 0);
    });

    it("requests a token for no other application than the one that is named", async () => {
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", aadProfile: { managed: true } });
        const args = ["-g", "shop", "-n", "entra", "--server-application-id"];
        const { clusters } = await scene.report([...args, "00000000-0000-4000-8000-000000000009"]);
        assert.match(clusters[0]?.rotationUnknown ?? "", /not for 00000000-\S+, which serverApplicationId allows$/);
        assert.match((await scene.status([...args, "mine"])).err, /must be the id of an application .*\(a UUID\)/);
    });

    it("asks the az CLI for the token of the subscription, and of the cluster's tenant", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", aadProfile: { managed: true } });
        const { PATH, log } = await fakeAz(aks, scene.folder);
        const env = {
            ...Object.fromEntries(Object.keys(aks.environment).map((name) => [name, undefined])),
            ...cloudOf(aks),
            // The default account of az, and another one that is meant.
            ARM_SUBSCRIPTION_ID: "00000000-0000-4000-8000-000000000009",
            PATH,
        };
        const args = ["-g", "shop", "-n", "entra", "--subscription", aks.subscriptionId];
        const { clusters } = await withEnvironment({ PATH }, () => scene.report(args, { env }));
        // The stand-in for az has no other token than Azure's.
        assert.equal(clusters[0]?.rotationUnknown, "the API server does not accept the credentials");
        const asked = readFileSync(log, "utf8").trim().split("\n");
        const get = "account get-access-token --output json --resource";
        assert.deepEqual(
            [...new Set(asked)],
            [
                `${get} ${aks.url} --subscription ${aks.subscriptionId}`,
                `${get} 6dae42f8-4368-4678-94ff-3960e28e3630 --tenant ${aks.tenantId}`,
            ],
        );
    });

    it("says what there is in place of a cluster", async () => {
        aks.control.addResource("Microsoft.Kubernetes/connectedClusters", { resourceGroup: "shop", name: "edge" });
        const { clusters, code } = await scene.report(["-g", "shop", "-n", "edge"]);
        assert.match(
            clusters[0]?.error ?? "",
            /^There is no cluster "edge" .*\n"edge" in resource group "shop" is a cluster that Azure Arc has connected/,
        );
        assert.equal(code, 3);
    });

    it("says of a fleet's hub what it is, and raises no alarm for it among others", async () => {
        const hub = { resourceGroup: "FL_shop_fleet_westeurope", name: "hub" };
        await aks.addCluster({ ...hub, backend: "light" });
        await aks.control.replaceCertificates(hub, { client: -day });
        const named = await scene.report(["-g", hub.resourceGroup, "-n", "hub"]);
        assert.match(named.clusters[0]?.error ?? "", /is the hub cluster of an Azure .*\n.*az fleet member list/);
        assert.equal(named.code, 3);
        const all = await scene.report([]);
        const [seen] = all.clusters.filter(({ name }) => name === "hub");
        assert.match(seen?.notes.join() ?? "", /is the hub cluster of an Azure Kubernetes Fleet Manager/);
        assert.deepEqual([seen?.state, seen?.certificates, all.code], ["ok", [], 0]);
        assert.equal(aks.control.cluster(hub).requests.listClusterUserCredential ?? 0, 0);
        assert.match((await scene.status([])).out, /^FL_shop_fleet_westeurope\/hub +ok +Succeeded/m);
    });

    it("waits where Azure asks for patience", async () => {
        aks.control.addFault({
            match: { kind: "listClusterUserCredential" },
            action: { type: "answer", status: 429, retryAfterSeconds: 1 },
        });
        assert.equal((await scene.report(["-g", "shop"])).code, 0);
        const asked = aks.control.requests(prod).filter(({ kind }) => kind === "listClusterUserCredential");
        assert.deepEqual(
            asked.map(({ status: answered }) => answered),
            [429, 200],
        );
        const [first, second] = asked.map(({ time }) => Date.parse(time));
        assert.ok((second ?? 0) - (first ?? 0) >= 900, "for as long as it asked");
    });
});
