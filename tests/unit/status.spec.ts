import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { StatusReport } from "../../formats/status";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { act } from "../support/azure";
import { type Circumstances, commandLine } from "../support/command-line";
import { cloudOf, fakeAz } from "../support/sign-in";
import { withEnvironment } from "../support/with-environment";

const day = 86_400;
const prod = { resourceGroup: "shop", name: "prod" };
const test = { resourceGroup: "lab", name: "test" };

describe("status", function () {
    this.timeout(60_000);
    let aks: LocalAks;
    let folder: string;

    beforeEach(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...prod, backend: "light" });
        await aks.addCluster({ ...test, backend: "light" });
        folder = mkdtempSync(join(tmpdir(), "status-"));
    });
    afterEach(async () => {
        rmSync(folder, { recursive: true });
        await aks.close();
    });

    const status = (args: string[], circumstances?: Circumstances) =>
        commandLine(aks, ["status", ...args], circumstances);
    async function report(args: string[], circumstances?: Circumstances) {
        const { code, out, err } = await status([...args, "-o", "json"], circumstances);
        assert.notEqual(out, "", err);
        const parsed = StatusReport.parse(JSON.parse(out));
        return { code, err, ...parsed };
    }
    const idOf = ({ resourceGroup, name }: typeof prod) =>
        `/subscriptions/${aks.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
    const file = (name: string, text: string) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
    };
    const kubeconfigOf = async (args: string[] = []) =>
        (await commandLine(aks, ["get-credentials", "-g", "shop", "-n", "prod", "--file", "-", ...args])).out;

    it("tells of a subscription, a resource group, one cluster by names and by id", async () => {
        const scopes: [args: string[], names: string[]][] = [
            [[], ["test", "prod"]],
            [
                ["--subscription", aks.subscriptionId],
                ["test", "prod"],
            ],
            [["--resource-group", "SHOP"], ["prod"]],
            [["-g", "lab", "-n", "test"], ["test"]],
            [["--cluster-id", idOf(prod).toUpperCase()], ["PROD"]],
        ];
        for (const [args, names] of scopes) {
            const { clusters, code } = await report(args);
            assert.deepEqual(
                clusters.map(({ name }) => name),
                names,
                args.join(" "),
            );
            assert.equal(code, 0);
        }
    });

    it("tells of each certificate what, whose, until when, and by which authority", async () => {
        const [cluster] = (await report(["-g", "shop"])).clusters;
        assert.deepEqual(
            cluster?.certificates.map(({ certificate, subject, daysLeft, authority, state }) => [
                certificate,
                subject,
                daysLeft,
                authority,
                state,
            ]),
            [
                ["cluster CA", "CN=ca", 30 * 365 - 1, "CN=ca", "ok"],
                ["API server", "CN=apiserver", 2 * 365 - 1, "CN=ca", "ok"],
                ["client", "O=system:masters, CN=masterclient", 2 * 365 - 1, "CN=ca", "ok"],
            ],
        );
        assert.deepEqual([cluster?.provisioningState, cluster?.powerState], ["Succeeded", "Running"]);
        // The light backend keeps no objects: that is said, and is no failure.
        assert.equal(cluster?.rotationUnknown, "there is no ConfigMap default/aks-certificate-rotation");
    });

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
            const seen = await report([]);
            assert.deepEqual([seen.code, seen.state], [code, state], JSON.stringify(lifetimes));
        }
        assert.equal((await report(["--warn-days", "800", "-g", "lab"])).code, 1);
        assert.equal((await report(["--warn-days", "800", "--critical-days", "750", "-g", "lab"])).code, 2);
    });

    it("still tells of a cluster whose certificates have all expired", async () => {
        await aks.control.replaceCertificates(prod, { ca: -day, server: -day, client: -day });
        const { clusters, code } = await report(["-g", "shop"]);
        assert.deepEqual(
            clusters[0]?.certificates.map(({ daysLeft, state }) => [daysLeft, state]),
            Array(3).fill([-2, "critical"]),
        );
        assert.match(clusters[0]?.rotationUnknown ?? "", /not trusted \(CERT_HAS_EXPIRED\)/);
        assert.equal(code, 2);
        assert.match(
            (await status(["-g", "shop"])).out,
            /^AKS CERTIFICATES CRITICAL - 1 cluster, 1 not ok; next: .*has expired 2 days ago/,
        );
    });

    it("notices that Azure's credentials are not yet those of the API server", async () => {
        aks.control.set(prod, { credentialsLagSeconds: 60 });
        await aks.control.rotateBySomebodyElse(prod).finished;
        const { clusters, code } = await report(["-g", "shop"]);
        assert.match(clusters[0]?.notes.join() ?? "", /not of the cluster CA that Azure hands out/);
        assert.equal(code, 1);
    });

    it("does not mind a cluster that is stopped, and asks nothing of its API server", async () => {
        aks.control.set(prod, { operationSeconds: 0 });
        await act(aks, prod, "stop");
        const { clusters, code } = await report(["-g", "shop"]);
        assert.equal(clusters[0]?.powerState, "Stopped");
        assert.match(clusters[0]?.notes.join() ?? "", /not seen: the cluster is stopped/);
        assert.equal(code, 0);
    });

    it("says unknown where an API server cannot be reached, unless it was not to be asked", async () => {
        await aks.control.setReachable(prod, false);
        const unreachable = await report(["-g", "shop"]);
        assert.match(unreachable.clusters[0]?.notes.join() ?? "", /cannot be reached: .*ECONNREFUSED/);
        assert.equal(unreachable.code, 3);
        const asked = await report(["-g", "shop", "--no-api-server"]);
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
        const { clusters, code } = await report([]);
        assert.equal(clusters[0]?.error, null);
        assert.match(clusters[1]?.error ?? "", /No\.[\s\S]*listClusterUserCredential\/action/);
        assert.doesNotMatch(clusters[1]?.error ?? "", /rotateClusterCertificates|pulumi up/);
        assert.equal(code, 3);
        await aks.control.replaceCertificates(test, { client: day });
        assert.equal((await report([])).code, 2, "critical is worse than unknown");
        const { out } = await status([]);
        assert.match(out, /shop\/prod {3,}unknown/);
        assert.match(out, /^shop\/prod: ERROR: Azure answered 403 AuthorizationFailed: No\./m);
    });

    it("reads the record of a cluster with Microsoft Entra ID with a token for it", async () => {
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", aadProfile: { managed: true } });
        const { clusters, code } = await report(["-g", "shop", "-n", "entra"]);
        assert.equal(clusters[0]?.rotationUnknown, "there is no ConfigMap default/aks-certificate-rotation");
        assert.equal(code, 0);
    });

    it("asks the az CLI for the token of the subscription, and of the cluster's tenant", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        await aks.addCluster({ resourceGroup: "shop", name: "entra", backend: "light", aadProfile: { managed: true } });
        const { PATH, log } = await fakeAz(aks, folder);
        const env = {
            ...Object.fromEntries(Object.keys(aks.environment).map((name) => [name, undefined])),
            ...cloudOf(aks),
            // The default account of az, and another one that is meant.
            ARM_SUBSCRIPTION_ID: "00000000-0000-4000-8000-000000000009",
            PATH,
        };
        const args = ["-g", "shop", "-n", "entra", "--subscription", aks.subscriptionId];
        const { clusters } = await withEnvironment({ PATH }, () => report(args, { env }));
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
        const { clusters, code } = await report(["-g", "shop", "-n", "edge"]);
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
        const named = await report(["-g", hub.resourceGroup, "-n", "hub"]);
        assert.match(named.clusters[0]?.error ?? "", /is the hub cluster of an Azure .*\n.*az fleet member list/);
        assert.equal(named.code, 3);
        const all = await report([]);
        const [seen] = all.clusters.filter(({ name }) => name === "hub");
        assert.match(seen?.notes.join() ?? "", /is the hub cluster of an Azure Kubernetes Fleet Manager/);
        assert.deepEqual([seen?.state, seen?.certificates, all.code], ["ok", [], 0]);
        assert.equal(aks.control.cluster(hub).requests.listClusterUserCredential ?? 0, 0);
        assert.match((await status([])).out, /^FL_shop_fleet_westeurope\/hub +ok +Succeeded/m);
    });

    it("waits where Azure asks for patience", async () => {
        aks.control.addFault({
            match: { kind: "listClusterUserCredential" },
            action: { type: "answer", status: 429, retryAfterSeconds: 1 },
        });
        assert.equal((await report(["-g", "shop"])).code, 0);
        const asked = aks.control.requests(prod).filter(({ kind }) => kind === "listClusterUserCredential");
        assert.deepEqual(
            asked.map(({ status: answered }) => answered),
            [429, 200],
        );
        const [first, second] = asked.map(({ time }) => Date.parse(time));
        assert.ok((second ?? 0) - (first ?? 0) >= 900, "for as long as it asked");
    });

    it("reads the outputs of a stack: generation, last rotation, and whether its kubeconfig is current", async () => {
        const before = await report(["-g", "shop"]);
        const ca = before.clusters[0]?.certificates[0]?.fingerprint ?? "";
        const { resourceUID } = aks.control.cluster(prod);
        const outputs = {
            clusterIdentifier: idOf(prod).toLowerCase(),
            caFingerprints: [ca],
            kubeconfig: "[secret]",
            rotation: recordOf(idOf(prod).toLowerCase(), resourceUID, ca),
        };
        const seen = await report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        assert.deepEqual(seen.clusters[0]?.rotation, {
            generation: 3,
            outcome: "rotated",
            finished: "2026-11-20T10:30:00.000Z",
            source: "stack",
            isOfThisCa: true,
        });
        assert.deepEqual(seen.clusters[0]?.kubeconfig, { source: "stack", state: "current", reason: null });
        assert.equal(seen.code, 0);

        const refused = aks.control.addFault({
            match: { kind: "listClusterUserCredential" },
            action: { type: "answer", status: 403, code: "AuthorizationFailed", message: "No." },
        });
        const blind = await report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        aks.control.removeFault(refused);
        assert.match(blind.clusters[0]?.error ?? "", /AuthorizationFailed/);
        assert.deepEqual(blind.clusters[0]?.rotation, { ...seen.clusters[0]?.rotation, isOfThisCa: null });

        await aks.control.rotateBySomebodyElse(prod).finished;
        const many = { clusters: { prod: outputs, test: { clusterIdentifier: idOf(test).toLowerCase() } } };
        const after = await report(["--outputs", file("outputs.json", JSON.stringify(many))]);
        assert.deepEqual(
            after.clusters.map(({ name, rotation, kubeconfig }) => [name, rotation?.isOfThisCa, kubeconfig?.state]),
            [
                ["test", undefined, undefined],
                ["prod", false, "outdated"],
            ],
        );
        assert.equal(after.code, 2);

        await aks.control.recreate(prod);
        const again = await report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        assert.match(again.clusters[0]?.rotationUnknown ?? "", /of another cluster/);

        await aks.control.delete(prod);
        const gone = await report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        assert.match(gone.clusters[0]?.error ?? "", /There is no cluster "prod"/);
        assert.equal(gone.code, 3);
    });

    it("tells whether a kubeconfig is current", async () => {
        const old = file("old", await kubeconfigOf());
        const state = async (path: string) => {
            const { clusters, code } = await report(["-g", "shop", "--kubeconfig", path]);
            return [clusters[0]?.kubeconfig?.state, clusters[0]?.kubeconfig?.reason ?? "", code] as const;
        };
        assert.deepEqual(await state(old), ["current", "", 0]);
        const config = parse(await kubeconfigOf());
        config.clusters[0].cluster.server = "https://elsewhere.example";
        assert.deepEqual(
            (await state(file("elsewhere", JSON.stringify(config)))).filter((_, i) => i !== 1),
            ["absent", 0],
        );
        await aks.control.rotateBySomebodyElse(prod).finished;
        assert.deepEqual(await state(old), ["outdated", 'context "prod": its cluster CA is not the one of now', 2]);
        const now = parse(await kubeconfigOf());
        assert.equal((await state(file("now", JSON.stringify(now))))[0], "current");
        now.users[0].user["client-certificate-data"] = config.users[0].user["client-certificate-data"];
        assert.deepEqual(await state(file("mixed", JSON.stringify(now))), [
            "outdated",
            'context "prod": its client certificate is not of the cluster CA of now',
            2,
        ]);
        const byDefault = await report(["-g", "shop", "--kubeconfig"], { env: { KUBECONFIG: old } });
        assert.equal(byDefault.clusters[0]?.kubeconfig?.source, old);
    });

    it("knows a private cluster in a kubeconfig by each of its names", async () => {
        const hidden = { resourceGroup: "shop", name: "hidden" };
        const apiServerAccessProfile = { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true };
        await aks.addCluster({ ...hidden, backend: "light", apiServerAccessProfile });
        const files = await Promise.all(
            [["--public-fqdn"], []].map(async (own) => {
                const path = join(folder, `hidden${own}`);
                const args = ["get-credentials", "-g", "shop", "-n", "hidden", "--file", path, ...own];
                assert.equal((await commandLine(aks, args)).code, 0);
                return path;
            }),
        );
        const states = () =>
            Promise.all(
                files.map(async (path) => {
                    const { clusters, code } = await report(["-g", "shop", "-n", "hidden", "--kubeconfig", path]);
                    return [clusters[0]?.kubeconfig?.state, code];
                }),
            );
        // Nobody outside reaches its API server, which is why the rest is not known.
        assert.deepEqual(await states(), Array(2).fill(["current", 3]));
        await aks.control.rotateBySomebodyElse(hidden).finished;
        assert.deepEqual(await states(), Array(2).fill(["outdated", 2]));
        for (const [own, host] of [[["--public-fqdn"], "localhost"] as const, [[], "127.0.0.1"] as const]) {
            const { clusters } = await report(["-g", "shop", "-n", "hidden", ...own]);
            assert.match(clusters[0]?.notes.join() ?? "", new RegExp(`https://${host}:\\d+ cannot be reached`));
        }
    });

    it("warns where the one cluster that is named is not in the kubeconfig, and not where it is one of many", async () => {
        const other = file(
            "other",
            (await commandLine(aks, ["get-credentials", "-g", "lab", "-n", "test", "--file", "-"])).out,
        );
        for (const [args, code] of [
            [["-g", "shop", "-n", "prod"], 1],
            [["--cluster-id", idOf(prod)], 1],
            [["-g", "shop"], 0],
            [["-g", "lab", "-n", "test"], 0],
        ] as const) {
            const seen = await report([...args, "--kubeconfig", other]);
            assert.equal(seen.code, code, args.join(" "));
        }
    });

    it("looks at a hundred clusters with three requests each, 20 clusters at once, and counts them", async () => {
        for (let i = 0; i < 98; i++) {
            await aks.addCluster({ resourceGroup: "many", name: `c${i}`, backend: "light" });
        }
        aks.control.clearRequests();
        const held = aks.control.addFault({
            match: { kind: "listClusterUserCredential" },
            action: { type: "hold", when: "before" },
            count: 0,
        });
        const asked = () => aks.control.requests().filter(({ kind }) => kind === "listClusterUserCredential").length;
        let clock = Date.now();
        const ended = report([], {
            now: () => {
                clock += 50;
                return clock;
            },
        });
        await aks.control.struck(held, 20);
        // Whatever else was on its way is there once a request that was sent later has been answered.
        await commandLine(aks, ["status", "-g", "shop", "-n", "prod", "--admin", "-o", "json"]);
        assert.equal(asked(), 20);
        aks.control.release(held);
        const { clusters, code, err } = await ended;
        assert.deepEqual([clusters.length, code, asked()], [100, 0, 100]);
        const kinds = aks.control.requests().map(({ kind }) => kind);
        assert.equal(kinds.filter((kind) => kind === "listClusters").length, 1);
        assert.equal(kinds.filter((kind) => kind === "apiServer").length, 101);
        assert.match(err, /^(\d+ of 100 clusters\n)+$/);
    });

    it("prints the same as YAML, and nothing secret in any format", async () => {
        const texts = await Promise.all(
            ["json", "yaml", "table"].map(
                async (format) => (await status(["-g", "shop", "-o", format], { now: () => 1.8e12 })).out,
            ),
        );
        assert.deepEqual(parse(texts[1] ?? ""), JSON.parse(texts[0] ?? ""));
        for (const secret of aks.issuedSecrets()) {
            assert.ok(!texts.some((text) => text.includes(secret)));
        }
    });

    it("ends with 3, never with a warning, where it cannot tell", async () => {
        const cases: [args: string[], says: RegExp, circumstances?: Circumstances][] = [
            [["--warn-days", "soon"], /whole number of days/],
            [["--warn-days", "3"], /--warn-days \(3\) is below --critical-days \(7\)/],
            [["--output", "xml"], /Allowed choices are table, json, yaml/],
            [["--nonsense"], /unknown option/],
            [["-n", "prod"], /give --resource-group too/],
            [["--stack", "a", "-g", "shop"], /--stack and --resource-group name clusters in different ways/],
            [["--cluster-id", "/subscriptions/1/resourceGroups/2"], /id of a resource group/],
            [["-g", "nowhere"], /There is no resource group "nowhere"/],
            [["--outputs", "-"], /not JSON/],
            [["--outputs", "-"], /has no clusterIdentifier/, { stdin: "{}" }],
            [["--kubeconfig", "/nonexistent/config"], /kubeconfig \/nonexistent\/config cannot be read/],
            [[], /did not accept the sign-in[\s\S]*AADSTS7000215/, { env: { ARM_CLIENT_SECRET: "wrong" } }],
            [[], /Which subscription\?/, { env: { ARM_SUBSCRIPTION_ID: undefined, PATH: "/nonexistent" } }],
            [["--stack", "a"], /no pulumi on the PATH/, { env: { PATH: "/nonexistent" } }],
        ];
        for (const [args, says, circumstances] of cases) {
            const { code, out, err } = await status(args, circumstances);
            assert.deepEqual([code, out], [3, ""], args.join(" "));
            assert.match(err, says);
        }
    });
});

function recordOf(clusterId: string, resourceUID: string, ca: string) {
    return {
        record: 1,
        generation: 3,
        outcome: "rotated",
        clusterId,
        resourceUID,
        started: "2026-11-20T10:00:00.000Z",
        finished: "2026-11-20T10:30:00.000Z",
        durationSeconds: 1800,
        caBefore: [],
        caAfter: [ca],
        outage: null,
        apiServerCertificate: null,
        verified: [],
        notVerified: [],
    };
}
