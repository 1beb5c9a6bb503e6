import assert from "node:assert/strict";
import { covers, diff, type Inputs } from "../../rehearsal/plugins/kubernetes/diff";
import { kindOf } from "../../rehearsal/plugins/kubernetes/kinds";
import type { Properties } from "../../rehearsal/plugins/protocol/values";

const immutable = { configMaps: false, secrets: false };

function differ(type: string, olds: Properties, news: Properties, more: Partial<Inputs> = {}) {
    const liveName = String((olds.metadata as Properties).name);
    return diff({ kind: kindOf(type), olds, news, liveName, ignoreChanges: [], mutable: immutable, ...more });
}

const config = { metadata: { name: "a", namespace: "default" }, data: { x: "1", y: "2" } };

describe("kubernetes stand-in: diff", () => {
    it("replaces a ConfigMap whose data changes, in every way it can change", () => {
        const { data, ...rest } = config;
        for (const [news, path, kind] of [
            [{ ...config, data: { x: "2", y: "2" } }, "data.x", "update-replace"],
            [{ ...config, data: { x: "1" } }, "data.y", "delete-replace"],
            [{ ...config, data: { ...data, z: "3" } }, "data.z", "add-replace"],
            [rest, "data", "delete-replace"],
        ] as const) {
            const answer = differ("kubernetes:core/v1:ConfigMap", config, news);
            assert.deepEqual(answer.detailedDiff, { [path]: kind });
            assert.deepEqual(answer.replaces, [path]);
            assert.equal(answer.deleteBeforeReplace, true);
        }
    });

    it("changes it in place where the provider says so, unless the object itself is immutable", () => {
        const mutable = { configMaps: true, secrets: false };
        const news = { ...config, data: { x: "2", y: "2" } };
        assert.deepEqual(differ("kubernetes:core/v1:ConfigMap", config, news, { mutable }).replaces, []);
        const locked = { ...config, immutable: true };
        assert.deepEqual(differ("kubernetes:core/v1:ConfigMap", locked, news, { mutable }).replaces, ["data.x"]);
    });

    it("makes the replacement first where the name is another one, or made by the plugin", () => {
        const renamed = { ...config, metadata: { ...config.metadata, name: "b" } };
        const answer = differ("kubernetes:core/v1:ConfigMap", config, renamed);
        assert.deepEqual(answer.replaces, ["metadata.name"]);
        assert.equal(answer.deleteBeforeReplace, false);
        const annotations = { "pulumi.com/autonamed": "true" };
        const auto = { ...config, metadata: { ...config.metadata, annotations } };
        const changed = { ...auto, data: {} };
        assert.equal(differ("kubernetes:core/v1:ConfigMap", auto, changed).deleteBeforeReplace, false);
    });

    it("takes no namespace and the default one for the same, and none for kinds that have none", () => {
        const bare = { ...config, metadata: { name: "a" } };
        assert.equal(differ("kubernetes:core/v1:ConfigMap", config, bare).changes, "none");
        const role = { metadata: { name: "r" }, rules: [] };
        const spaced = { metadata: { name: "r", namespace: "x" }, rules: [] };
        const type = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole";
        assert.equal(differ(type, role, spaced).changes, "none");
    });

    it("gives lists item by item, and quotes what Pulumi's paths cannot have bare", () => {
        const deployment = (image: string, labels: Properties) => ({
            metadata: { name: "d", labels },
            spec: { selector: { matchLabels: { a: "b" } }, template: { spec: { containers: [{ name: "c", image }] } } },
        });
        const answer = differ(
            "kubernetes:apps/v1:Deployment",
            deployment("x:1", { "app.kubernetes.io/name": "x" }),
            deployment("x:2", { "app.kubernetes.io/name": "y" }),
        );
        assert.deepEqual(answer.detailedDiff, {
            'metadata.labels["app.kubernetes.io/name"]': "update",
            "spec.template.spec.containers[0].image": "update",
        });
        assert.deepEqual(answer.replaces, []);
    });

    it("leaves out what the program ignores", () => {
        const news = { ...config, data: { x: "2", y: "3" } };
        const answer = differ("kubernetes:core/v1:ConfigMap", config, news, { ignoreChanges: ["data.x"] });
        assert.deepEqual(Object.keys(answer.detailedDiff ?? {}), ["data.y"]);
        assert.equal(covers("spec.containers[*].image", "spec.containers[3].image"), true);
        assert.equal(covers('metadata.labels["a.b/c"]', 'metadata.labels["a.b/c"]'), true);
        assert.equal(covers("metadata.labels.a", "metadata.labels"), false);
    });

    it("refuses what it does not make", () => {
        for (const type of [
            "kubernetes:helm.sh/v3:Release",
            "kubernetes:core/v1:ConfigMapPatch",
            "kubernetes:core/v1:ConfigMapList",
            "kubernetes:yaml:ConfigFile",
        ]) {
            assert.throws(() => kindOf(type), Error, type);
        }
        assert.deepEqual(kindOf("kubernetes:example.com/v1:BackupPatch"), {
            apiVersion: "example.com/v1",
            kind: "BackupPatch",
        });
    });
});
