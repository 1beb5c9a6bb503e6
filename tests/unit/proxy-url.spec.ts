import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { checkedKubeconfig } from "../../components/cluster-outputs";
import { type Kubeconfig, parseKubeconfig } from "../../formats/kubeconfig";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { shakeHands } from "../../rotator/api-server";
import { authenticate } from "../../rotator/authentication";
import { readClusterRecord } from "../../rotator/cluster-record";
import { drive } from "../../rotator/drive";
import { RealSight } from "../../rotator/real-sight";
import { commandLine } from "../support/command-line";
import { type ConnectProxy, startConnectProxy } from "../support/connect-proxy";
import { withEnvironment } from "../support/with-environment";

const soon = () => AbortSignal.timeout(5000);

describe("a kubeconfig's proxy-url", () => {
    let aks: LocalAks;
    let proxy: ConnectProxy;
    let config: ReturnType<typeof parse>;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ resourceGroup: "shop", name: "prod", backend: "light" });
        proxy = await startConnectProxy("user:pa55");
    });
    after(async () => {
        await proxy[Symbol.asyncDispose]();
        await aks.close();
    });
    beforeEach(async () => {
        const { out } = await commandLine(aks, ["get-credentials", "-g", "shop", "-n", "prod", "--file", "-"]);
        config = parse(out);
        proxy.targets.length = 0;
    });

    /** The kubeconfig with a proxy, and a name of the API server that the proxy alone can resolve. */
    const through = (proxyUrl: string) => {
        const { cluster } = config.clusters[0];
        const { port } = new URL(cluster.server);
        Object.assign(cluster, {
            server: `https://api.test:${port}`,
            "tls-server-name": "kubernetes",
            "proxy-url": proxyUrl,
        });
        return stringify(config);
    };
    const ask = async (kubeconfig: Kubeconfig) => {
        assert.equal((await shakeHands(kubeconfig, kubeconfig.caCertificate, soon())).trusted, true);
        assert.equal(await authenticate(kubeconfig, kubeconfig.caCertificate, kubeconfig, soon()), "authenticated");
        await assert.rejects(readClusterRecord(kubeconfig, kubeconfig, "default", soon()), /there is no ConfigMap/);
    };

    it("is the way to the API server for all that asks it, whatever the environment says", async () => {
        const kubeconfig = parseKubeconfig(through(proxy.url));
        for (const env of [{}, { HTTPS_PROXY: "http://127.0.0.1:1" }, { NO_PROXY: "*" }]) {
            await withEnvironment(env, () => ask(kubeconfig));
        }
        assert.equal(proxy.targets.length, 9);
        assert.deepEqual([...new Set(proxy.targets)], [new URL(kubeconfig.server).host]);
    });

    it("is that of localhost too, as in kubectl", async () => {
        const { server } = config.clusters[0].cluster;
        const kubeconfig = parseKubeconfig(through(proxy.url));
        await ask({ ...kubeconfig, server });
        assert.deepEqual([...new Set(proxy.targets)], [new URL(server).host]);
    });

    it("is refused where it is no HTTP proxy, and the log of the run says why the API server cannot be reached", async () => {
        for (const [url, says] of [
            [
                "socks5://user:pa55@127.0.0.1:1080",
                /proxy-url in the kubeconfig is a SOCKS proxy \(socks5:\/\/\), which is not/,
            ],
            ["127.0.0.1:3128", /proxy-url in the kubeconfig is no URL/],
        ] as const) {
            const kubeconfig = parseKubeconfig(through(url));
            const lines: string[] = [];
            const azure = { look: () => assert.fail(), credentials: () => assert.fail() };
            const sight = new RealSight(azure, (line) => lines.push(line));
            for (let i = 0; i < 2; i++) {
                assert.equal(await drive(sight.apiServer(kubeconfig, 60_000)), "unreachable");
            }
            assert.equal(lines.length, 1);
            assert.match(lines[0] ?? "", says);
            assert.doesNotMatch(lines[0] ?? "", /pa55/);
        }
    });

    it("goes to the Kubernetes provider in the kubeconfig as it is", () => {
        const kubeconfig = through("socks5://127.0.0.1:1080");
        const outputs = { kubeconfig, clusterIdentifier: "x", from: "the stack", path: "", advice: "" };
        assert.equal(checkedKubeconfig(outputs), kubeconfig);
    });
});
