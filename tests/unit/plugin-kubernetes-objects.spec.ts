import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureName } from "../../rehearsal/plugins/kubernetes/autoname";
import { drifted, fromState, toState, withStringData } from "../../rehearsal/plugins/kubernetes/checkpoint";
import { choose, loadKubeconfig, parseKubeconfig } from "../../rehearsal/plugins/kubernetes/kubeconfig";
import { readiness } from "../../rehearsal/plugins/kubernetes/readiness";
import { strictModeFailures } from "../../rehearsal/plugins/kubernetes/strict-mode";
import { type Properties, secret, unknown, type Value } from "../../rehearsal/plugins/protocol/values";

describe("kubernetes stand-in: names", () => {
    const naming = { name: "Web", randomSeed: new Uint8Array([1, 2]) };

    it("makes one from the resource's, in lower case, and the same for the same seed", () => {
        const named = ensureName({ kind: "ConfigMap" }, {}, naming);
        const { name, annotations } = named.metadata as Properties;
        assert.match(String(name), /^web-[0-9a-f]{8}$/);
        assert.deepEqual(annotations, { "pulumi.com/autonamed": "true" });
        assert.deepEqual(ensureName({ kind: "ConfigMap" }, {}, naming), named);
    });

    it("keeps the name it has made, but not one that the program no longer gives", () => {
        const olds = ensureName({}, {}, naming);
        const later = { ...naming, randomSeed: new Uint8Array([3]) };
        assert.deepEqual(ensureName({}, olds, later), olds);
        const { name } = ensureName({}, { metadata: { name: "given" } }, later).metadata as Properties;
        assert.notEqual(name, "given");
    });

    it("leaves alone a name that is given, or not known yet", () => {
        const given: Value[] = [{ name: "given" }, { name: unknown }, unknown, { generateName: "x-" }];
        for (const metadata of given) {
            assert.deepEqual(ensureName({ metadata }, {}, naming), { metadata });
        }
    });

    it("follows the stack's config", () => {
        const enforce = { ...naming, autonaming: { mode: "enforce", proposedName: "p-1" } as const };
        assert.equal((ensureName({}, {}, enforce).metadata as Properties).name, "p-1");
        const disable = { ...naming, autonaming: { mode: "disable", proposedName: "" } as const };
        assert.throws(() => ensureName({}, {}, disable), /no metadata.name/);
    });
});

describe("kubernetes stand-in: state", () => {
    const checkpoint = { fieldManager: "m", initialApiVersion: "v1" };

    it("keeps secret what was a secret, and all data of a Secret", () => {
        const inputs = { kind: "ConfigMap", data: { a: secret("1"), b: "2" } };
        const live = { kind: "ConfigMap", data: { a: "1", b: "2", c: "3" } };
        assert.deepEqual(toState({ ...checkpoint, inputs, live }).data, { a: secret("1"), b: "2", c: "3" });
        const data = { a: "MQ==" };
        const state = toState({ ...checkpoint, inputs: { kind: "Secret", data }, live: { kind: "Secret", data } });
        assert.deepEqual(state.data, secret(data));
        assert.deepEqual(state.__inputs, { kind: "Secret", data: secret(data) });
    });

    it("reads what it wrote", () => {
        const inputs = { apiVersion: "v1", kind: "Secret", stringData: { a: "x" } };
        const live = { apiVersion: "v1", kind: "Secret", data: { a: "eA==" }, metadata: { name: "s" } };
        assert.deepEqual(fromState(toState({ ...checkpoint, inputs, live })), { ...checkpoint, inputs, live });
    });

    it("changes inputs where the live object has changed, and only there", () => {
        const input = { cpu: "1000m", a: "1", gone: "x", unsent: "y", list: [{ b: 1 }, { b: 2 }] };
        const before = {
            cpu: "1",
            a: "1",
            gone: "x",
            uid: "u",
            list: [
                { b: 1, c: 0 },
                { b: 2, c: 0 },
            ],
        };
        const live: Properties = { cpu: "1", a: "2", uid: "u", list: [{ b: 1, c: 5 }, { b: 3, c: 0 }, { b: 4 }] };
        assert.deepEqual(drifted(input, before, before), input);
        assert.deepEqual(drifted(input, before, live), {
            cpu: "1000m",
            a: "2",
            unsent: "y",
            list: [{ b: 1 }, { b: 3 }, { b: 4 }],
        });
    });

    it("shows the texts of a Secret as they are in the cluster", () => {
        const live = { kind: "Secret", data: { a: Buffer.from("changed").toString("base64"), b: "" } };
        assert.deepEqual(withStringData({}, { stringData: { a: "old", gone: "x" } }, live), {
            stringData: { a: "changed" },
        });
    });
});

describe("kubernetes stand-in: kubeconfig", () => {
    const text = `
current-context: one
clusters: [{name: c, cluster: {server: https://a}}, {name: d, cluster: {server: https://b}}]
contexts: [{name: one, context: {cluster: c, user: u, namespace: n}}, {name: two, context: {cluster: d, user: none}}]
users: [{name: u, user: {token: t}}]`;

    it("chooses the current context, or what the provider overrides", () => {
        const config = parseKubeconfig(text);
        assert.deepEqual(choose(config, {}), {
            cluster: { server: "https://a" },
            user: { token: "t" },
            namespace: "n",
        });
        const two = { cluster: { server: "https://b" }, user: {}, namespace: "default" };
        assert.deepEqual(choose(config, { context: "two" }), two);
        assert.equal(choose(config, { cluster: "d" }).cluster.server, "https://b");
    });

    it("says so where there is nothing to choose", () => {
        assert.throws(() => choose(parseKubeconfig(text), { context: "three" }), /context "three" does not exist/);
        assert.throws(() => choose(parseKubeconfig(""), {}), /no configuration has been provided/);
        assert.throws(() => parseKubeconfig("a: [\n"), /^Error: yaml: line \d/);
    });

    it("reads a file by its name, or the files that KUBECONFIG names, the first of which wins", () => {
        const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
        const { KUBECONFIG } = process.env;
        try {
            const [one, two] = ["one", "two"].map((name) => join(folder, name)) as [string, string];
            writeFileSync(one, `${text}\ncontexts: []`.replace(/^contexts.*$/m, ""));
            writeFileSync(two, text.replace("token: t", "tokenFile: token").replace("https://a", "https://c"));
            assert.equal(loadKubeconfig(two).users.u?.tokenFile, join(folder, "token"));
            process.env.KUBECONFIG = [one, two, join(folder, "missing")].join(delimiter);
            const merged = loadKubeconfig(undefined);
            assert.equal(merged.clusters.c?.server, "https://a");
            assert.equal(merged.users.u?.token, "t");
            assert.deepEqual(Object.keys(merged.contexts), ["one", "two"]);
        } finally {
            process.env.KUBECONFIG = KUBECONFIG;
            if (KUBECONFIG === undefined) {
                delete process.env.KUBECONFIG;
            }
            rmSync(folder, { recursive: true });
        }
    });
});

describe("kubernetes stand-in: readiness", () => {
    const deployment = (status: Properties): Properties => ({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { generation: 2 },
        spec: { replicas: 2 },
        status,
    });
    const done = { observedGeneration: 2, updatedReplicas: 2, readyReplicas: 2 };

    it("waits for all replicas of the newest generation", () => {
        assert.equal(readiness(deployment(done)).state, "ready");
        assert.equal(readiness(deployment({ ...done, readyReplicas: 1 })).state, "waiting");
        assert.equal(readiness(deployment({ ...done, observedGeneration: 1 })).state, "waiting");
        assert.match(readiness(deployment({})).detail, /\(0\/2 Pods available\)/);
    });

    it("gives up on a rollout that has failed", () => {
        const conditions = [{ type: "Progressing", status: "False", reason: "DeadlineExceeded", message: "too slow" }];
        assert.deepEqual(readiness(deployment({ conditions })), {
            state: "failed",
            detail: "[DeadlineExceeded] too slow",
        });
    });

    it("waits for no kind that it knows nothing of", () => {
        assert.equal(readiness({ apiVersion: "v1", kind: "Namespace" }).state, "ready");
    });
});

describe("kubernetes stand-in: strict mode", () => {
    it("forbids the default provider, and wants cluster and context named", () => {
        const urn = "urn:pulumi:dev::p::pulumi:providers:kubernetes::default_4_34_2";
        assert.deepEqual(strictModeFailures(urn, {}), []);
        const reasons = strictModeFailures(urn, { strictMode: "true", kubeconfig: "x" })?.map(({ reason }) => reason);
        assert.deepEqual(reasons, [
            "strict mode prohibits default provider",
            'strict mode requires Provider "context" argument',
        ]);
    });
});
