import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { LocalAks } from "../../rehearsal/local-aks/local-aks";
import { commandLine } from "../support/command-line";
import { startConnectProxy } from "../support/connect-proxy";
import { prod, StatusScene, test } from "../support/status-scene";

describe("status, of a stack and of a kubeconfig", function () {
    this.timeout(60_000);
    let scene: StatusScene;
    let aks: LocalAks;

    beforeEach(async () => {
        scene = await StatusScene.open();
        ({ aks } = scene);
    });
    afterEach(() => scene[Symbol.asyncDispose]());

    it("reads the outputs of a stack: generation, last rotation, and whether its kubeconfig is current", async () => {
        const before = await scene.report(["-g", "shop"]);
        const ca = before.clusters[0]?.certificates[0]?.fingerprint ?? "";
        const { resourceUID } = aks.control.cluster(prod);
        const outputs = {
            clusterIdentifier: scene.idOf(prod).toLowerCase(),
            caFingerprints: [ca],
            kubeconfig: "[secret]",
            rotation: recordOf(scene.idOf(prod).toLowerCase(), resourceUID, ca),
        };
        const seen = await scene.report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
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
        const blind = await scene.report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        aks.control.removeFault(refused);
        assert.match(blind.clusters[0]?.error ?? "", /AuthorizationFailed/);
        assert.deepEqual(blind.clusters[0]?.rotation, { ...seen.clusters[0]?.rotation, isOfThisCa: null });

        await aks.control.rotateBySomebodyElse(prod).finished;
        const many = { clusters: { prod: outputs, test: { clusterIdentifier: scene.idOf(test).toLowerCase() } } };
        const after = await scene.report(["--outputs", scene.file("outputs.json", JSON.stringify(many))]);
        assert.deepEqual(
            after.clusters.map(({ name, rotation, kubeconfig }) => [name, rotation?.isOfThisCa, kubeconfig?.state]),
            [
                ["test", undefined, undefined],
                ["prod", false, "outdated"],
            ],
        );
        assert.equal(after.code, 2);

        await aks.control.recreate(prod);
        const again = await scene.report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        assert.match(again.clusters[0]?.rotationUnknown ?? "", /of another cluster/);

        await aks.control.delete(prod);
        const gone = await scene.report(["--outputs", "-"], { stdin: JSON.stringify(outputs) });
        assert.match(gone.clusters[0]?.error ?? "", /There is no cluster "prod"/);
        assert.equal(gone.code, 3);
    });

    it("tells whether a kubeconfig is current", async () => {
        const old = scene.file("old", await scene.kubeconfigOf());
        const state = async (path: string) => {
            const { clusters, code } = await scene.report(["-g", "shop", "--kubeconfig", path]);
            return [clusters[0]?.kubeconfig?.state, clusters[0]?.kubeconfig?.reason ?? "", code] as const;
        };
        assert.deepEqual(await state(old), ["current", "", 0]);
        const config = parse(await scene.kubeconfigOf());
        config.clusters[0].cluster.server = "https://elsewhere.example";
        assert.deepEqual(
            (await state(scene.file("elsewhere", JSON.stringify(config)))).filter((_, i) => i !== 1),
            ["absent", 0],
        );
        await aks.control.rotateBySomebodyElse(prod).finished;
        assert.deepEqual(await state(old), ["outdated", 'context "prod": its cluster CA is not the one of now', 2]);
        const now = parse(await scene.kubeconfigOf());
        assert.equal((await state(scene.file("now", JSON.stringify(now))))[0], "current");
        now.users[0].user["client-certificate-data"] = config.users[0].user["client-certificate-data"];
        assert.deepEqual(await state(scene.file("mixed", JSON.stringify(now))), [
            "outdated",
            'context "prod": its client certificate is not of the cluster CA of now',
            2,
        ]);
        const byDefault = await scene.report(["-g", "shop", "--kubeconfig"], { env: { KUBECONFIG: old } });
        assert.equal(byDefault.clusters[0]?.kubeconfig?.source, old);
    });

    it("knows the cluster behind a tunnel by the name that its certificate has to have", async () => {
        const config = parse(await scene.kubeconfigOf());
        const { cluster } = config.clusters[0];
        const state = async (server: string, name: string | undefined) => {
            Object.assign(cluster, { server, "tls-server-name": name });
            const { clusters } = await scene.report([
                "-g",
                "shop",
                "-n",
                "prod",
                "--kubeconfig",
                scene.file("tunnel", JSON.stringify(config)),
            ]);
            return clusters[0]?.kubeconfig?.state;
        };
        const host = new URL(cluster.server).hostname;
        assert.equal(await state("https://10.1.2.3:8443", host), "current");
        assert.equal(await state("https://10.1.2.3:8443", "another.example"), "absent");
        assert.equal(await state("https://10.1.2.3:8443", undefined), "absent");
        await aks.control.rotateBySomebodyElse(prod).finished;
        assert.equal(await state("https://10.1.2.3:8443", host), "outdated");
    });

    it("asks the API server through the proxy-url of the kubeconfig that was given", async () => {
        await using proxy = await startConnectProxy();
        const config = parse(await scene.kubeconfigOf());
        const { cluster } = config.clusters[0];
        const look = async (proxyUrl: string) => {
            cluster["proxy-url"] = proxyUrl;
            const file = scene.file("behind-a-proxy", JSON.stringify(config));
            const report = await scene.report(["-g", "shop", "-n", "prod", "--kubeconfig", file]);
            return { code: report.code, notes: report.clusters[0]?.notes.join() ?? "" };
        };
        assert.deepEqual(await look(proxy.url), { code: 0, notes: "" });
        assert.ok(proxy.targets.length > 0);
        assert.deepEqual([...new Set(proxy.targets)], [new URL(cluster.server).host]);
        const refused = await look("socks5://127.0.0.1:1080");
        assert.equal(refused.code, 3);
        assert.match(refused.notes, /cannot be reached: proxy-url in the kubeconfig is a SOCKS proxy \(socks5:\/\/\)/);
    });

    it("reads outputs and kubeconfigs with a byte order mark, as PowerShell writes them, and says what it cannot read", async () => {
        const outputs = JSON.stringify({ clusterIdentifier: scene.idOf(prod) });
        for (const bytes of [Buffer.from(`\ufeff${outputs}\r\n`), Buffer.from(`\ufeff${outputs}\r\n`, "utf16le")]) {
            const path = scene.file("outputs", "");
            writeFileSync(path, bytes);
            assert.equal((await scene.report(["--outputs", path])).clusters[0]?.name, "prod");
        }
        const piped = await scene.report(["--outputs", "-"], { stdin: `\ufeff${outputs}` });
        assert.equal(piped.clusters[0]?.name, "prod");
        const json = JSON.stringify(parse(await scene.kubeconfigOf()), undefined, 2).replaceAll("\n", "\r\n");
        for (const encoding of ["utf8", "utf16le"] as const) {
            const path = scene.file("kubeconfig", "");
            writeFileSync(path, Buffer.from(`\ufeff${json}`, encoding));
            const { clusters } = await scene.report(["-g", "shop", "-n", "prod", "--kubeconfig", path]);
            assert.equal(clusters[0]?.kubeconfig?.state, "current");
        }
        const cases: [args: string[], says: RegExp][] = [
            [
                ["--outputs", "/nope"],
                /--outputs is "\/nope", which cannot be read: there is no such file\. Give a file/,
            ],
            [["--outputs", scene.folder], /cannot be read: it is a directory\. Give a file/],
            [["-g", "shop", "--kubeconfig", scene.folder], /The kubeconfig .* cannot be read: it is a directory\./],
            [["-g", "shop", "--kubeconfig", "/nope"], /The kubeconfig \/nope cannot be read: there is no such file\./],
        ];
        for (const [args, says] of cases) {
            const { code, err } = await scene.status(args);
            assert.equal(code, 3);
            assert.match(err, says);
            assert.doesNotMatch(err, /ENOENT|EISDIR|node:/);
        }
        const missing = await scene.status(["-g", "shop", "--kubeconfig"], { env: { KUBECONFIG: "/nope:/nor" } });
        assert.match(missing.err, /The kubeconfig \/nope:\/nor cannot be read: there is no such file\./);
    });

    it("knows a private cluster in a kubeconfig by each of its names", async () => {
        const hidden = { resourceGroup: "shop", name: "hidden" };
        const apiServerAccessProfile = { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true };
        await aks.addCluster({ ...hidden, backend: "light", apiServerAccessProfile });
        const files = await Promise.all(
            [["--public-fqdn"], []].map(async (own) => {
                const path = join(scene.folder, `hidden${own}`);
                const args = ["get-credentials", "-g", "shop", "-n", "hidden", "--file", path, ...own];
                assert.equal((await commandLine(aks, args)).code, 0);
                return path;
            }),
        );
        const states = () =>
            Promise.all(
                files.map(async (path) => {
                    const { clusters, code } = await scene.report(["-g", "shop", "-n", "hidden", "--kubeconfig", path]);
                    return [clusters[0]?.kubeconfig?.state, code];
                }),
            );
        // Nobody outside reaches its API server, which is why the rest is not known.
        assert.deepEqual(await states(), Array(2).fill(["current", 3]));
        await aks.control.rotateBySomebodyElse(hidden).finished;
        assert.deepEqual(await states(), Array(2).fill(["outdated", 2]));
        for (const [own, host] of [[["--public-fqdn"], "localhost"] as const, [[], "127.0.0.1"] as const]) {
            const { clusters } = await scene.report(["-g", "shop", "-n", "hidden", ...own]);
            assert.match(clusters[0]?.notes.join() ?? "", new RegExp(`https://${host}:\\d+ cannot be reached`));
        }
    });

    it("warns where the one cluster that is named is not in the kubeconfig, and not where it is one of many", async () => {
        const other = scene.file(
            "other",
            (await commandLine(aks, ["get-credentials", "-g", "lab", "-n", "test", "--file", "-"])).out,
        );
        for (const [args, code] of [
            [["-g", "shop", "-n", "prod"], 1],
            [["--cluster-id", scene.idOf(prod)], 1],
            [["-g", "shop"], 0],
            [["-g", "lab", "-n", "test"], 0],
        ] as const) {
            const seen = await scene.report([...args, "--kubeconfig", other]);
            assert.equal(seen.code, code, args.join(" "));
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
