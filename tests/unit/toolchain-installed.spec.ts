import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { runChild } from "../../toolchain/child";
import type { Refusal } from "../../toolchain/first-that-works";
import { findInstalled } from "../../toolchain/get-tool";
import { API_SERVER, CONTROLLER_MANAGER, getControlPlaneIn } from "../../toolchain/kubernetes";
import { explainMissing, MissingToolsError } from "../../toolchain/missing-tools";
import { getPulumiIn, PULUMI } from "../../toolchain/pulumi";
import type { Surroundings } from "../../toolchain/surroundings";
import { contents, emptySurroundings, install, temporaryFolder } from "./toolchain-fakes";

describe("toolchain: installed tools", () => {
    let folder: string;
    let assets: string;
    let bin: string;
    let dispose: () => Promise<void>;

    beforeEach(async () => {
        ({ folder, dispose } = await temporaryFolder());
        assets = path.join(folder, "assets");
        bin = path.join(folder, "bin");
        await mkdir(assets);
        await mkdir(bin);
    });
    afterEach(() => dispose());

    const withTools = (): Surroundings & { news: string[] } =>
        emptySurroundings(folder, { environment: { PATH: bin, KUBEBUILDER_ASSETS: assets } });

    it("come from KUBEBUILDER_ASSETS before PATH", async () => {
        const file = await install(assets, "kube-apiserver", "Kubernetes v1.33.0");
        await install(bin, "kube-apiserver", "Kubernetes v1.36.3");
        const { tool } = await findInstalled(API_SERVER, withTools());
        assert.deepEqual(tool, { name: "kube-apiserver", version: "1.33.0", path: file, source: "KUBEBUILDER_ASSETS" });
    });

    it("are passed over, and it is said, where they are too old", async () => {
        await install(assets, "kube-apiserver", "Kubernetes v1.29.9");
        const file = await install(bin, "kube-apiserver", "Kubernetes v1.36.3");
        const surroundings = withTools();
        const { tool, refusals } = await findInstalled(API_SERVER, surroundings);
        assert.deepEqual(tool, { name: "kube-apiserver", version: "1.36.3", path: file, source: "PATH" });
        assert.match(refusals[0]?.why ?? "", /is 1\.29\.9, needed is 1\.30 to 1\.39$/);
        assert.equal(surroundings.news.length, 1);
        assert.match(surroundings.news[0] ?? "", /^kube-apiserver: not using the one from KUBEBUILDER_ASSETS: /);
    });

    it("are passed over where they do not run or print no version", async () => {
        await install(bin, "pulumi", "not a version");
        const first = await findInstalled(PULUMI, withTools());
        assert.match(first.refusals[0]?.why ?? "", /pulumi version printed no version$/);
        await install(bin, "pulumi", "v3.259.0'; exit 3; echo '");
        const second = await findInstalled(PULUMI, withTools());
        assert.match(second.refusals[0]?.why ?? "", /failed \(exit code 3\)/);
    });

    it("are not folders that happen to have the name", async () => {
        await mkdir(path.join(bin, "pulumi"));
        const surroundings = withTools();
        const { refusals } = await findInstalled(PULUMI, surroundings);
        assert.deepEqual(refusals, [{ source: "PATH", what: "PATH", why: "no pulumi on it", absent: true }]);
        assert.deepEqual(surroundings.news, []);
    });

    it("are all that is needed where they are there: nothing is put into the cache", async () => {
        await install(bin, "pulumi", "v3.300.1");
        await install(assets, "etcd", "etcd Version: 3.6.4");
        await install(assets, "kube-apiserver", "Kubernetes v1.34.1");
        await install(bin, "kube-controller-manager", "Kubernetes v1.33.0");
        const surroundings = withTools();
        const tools = [await getPulumiIn(surroundings), ...Object.values(await getControlPlaneIn(surroundings))];
        assert.deepEqual(
            tools.map(({ name, version, source }) => `${name} ${version} ${source}`),
            [
                "pulumi 3.300.1 PATH",
                "etcd 3.6.4 KUBEBUILDER_ASSETS",
                "kube-apiserver 1.34.1 KUBEBUILDER_ASSETS",
                "kube-controller-manager 1.33.0 PATH",
            ],
        );
        assert.deepEqual(await contents(surroundings.cacheFolder), []);
    });

    it("of Kubernetes are set aside where their versions may not run together", async () => {
        await install(bin, "etcd", "etcd Version: 3.6.4");
        await install(bin, "kube-apiserver", "Kubernetes v1.33.0");
        const surroundings = withTools();
        const error = await getControlPlaneIn(surroundings).catch((reason: unknown) => reason);
        assert.ok(error instanceof MissingToolsError);
        assert.deepEqual(
            error.missing.map(({ recipe }) => recipe),
            [API_SERVER, CONTROLLER_MANAGER],
        );
        assert.match(error.message, /PATH: \S+kube-apiserver is 1\.33\.0, which fits/);
    });
});

describe("toolchain: when nothing works", () => {
    const refusals: Refusal[] = [
        { source: "KUBEBUILDER_ASSETS", what: "KUBEBUILDER_ASSETS", why: "not set", absent: true },
        { source: "PATH", what: "PATH", why: "no kube-apiserver on it", absent: true },
        { source: "cache", what: "cache", why: "not in /c", absent: true },
        { source: "download", what: "download of URL", why: "host cannot be resolved (ENOTFOUND)", absent: false },
        { source: "go build", what: "go build PACKAGE", why: "no go on PATH", absent: false },
    ];
    const explain = (list: Refusal[], environment: NodeJS.ProcessEnv = {}) =>
        explainMissing([{ recipe: API_SERVER, refusals: list }], { environment, cacheFolder: "/c" });

    it("the error tells every way tried, why it failed, and what to install", () => {
        assert.equal(
            explain(refusals),
            [
                "Could not get kube-apiserver 1.36.3. Tried, in this order:",
                "  - KUBEBUILDER_ASSETS: not set",
                "  - PATH: no kube-apiserver on it",
                "  - cache: not in /c",
                "  - download of URL: host cannot be resolved (ENOTFOUND)",
                "  - go build PACKAGE: no go on PATH",
                "Any one of these is enough:",
                "  - Install kube-apiserver, 1.30 to 1.39, and put it on PATH, or into the folder that KUBEBUILDER_ASSETS names: " +
                    "https://kubernetes.io/releases/download/#binaries (1.36.3 is known to work)",
                "  - Install Go 1.26 or later (https://go.dev/dl/), with its module mirror within reach: " +
                    "it is then built, about 7 min, once",
                "  - Make the download work (host cannot be resolved (ENOTFOUND)) and run this again",
            ].join("\n"),
        );
    });

    it("it proposes no download where none is made", () => {
        const none = refusals.map((each) => (each.source === "download" ? { ...each, absent: true } : each));
        assert.doesNotMatch(explain(none), /Make the download work/);
    });

    it("it tells of a proxy that Node.js does not use, and only of one", () => {
        assert.match(explain(refusals, { HTTPS_PROXY: "http://proxy" }), /set that too\.$/);
        assert.doesNotMatch(
            explain(refusals, { HTTPS_PROXY: "http://proxy", NODE_USE_ENV_PROXY: "1" }),
            /set that too/,
        );
    });

    it("it tells what to set where the cache cannot be written", () => {
        const denied = [
            ...refusals,
            { source: "go build", what: "go build", why: "EACCES: mkdir '/c'", absent: false } as const,
        ];
        assert.match(explain(denied), /If \/c cannot be written to, set AKS_ROTATION_CACHE/);
    });

    it("one error names all tools of a control plane that are missing", async () => {
        const { folder, dispose } = await temporaryFolder();
        try {
            const error = await getControlPlaneIn(emptySurroundings(folder)).catch((reason: unknown) => reason);
            assert.ok(error instanceof MissingToolsError);
            const named = error.message.match(/Could not get [\w-]+ [\d.]+\d/g);
            assert.deepEqual(named, [
                "Could not get etcd 3.6.16",
                "Could not get kube-apiserver 1.36.3",
                "Could not get kube-controller-manager 1.36.3",
            ]);
        } finally {
            await dispose();
        }
    });
});

describe("toolchain: child processes", () => {
    it("are ended with all they have started", async () => {
        const controller = new AbortController();
        // The promise settles only when nobody holds stderr any more: neither the shell nor its child.
        const ended = runChild("/bin/sh", ["-c", "sleep 60 & echo started >&2; wait"], {
            signal: controller.signal,
            onErrorLine: () => controller.abort(new Error("enough")),
        });
        await assert.rejects(ended, { message: "enough" });
    });
});
