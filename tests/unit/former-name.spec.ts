import assert from "node:assert/strict";
import { readStackConfig } from "../../components/stack-config";

const one = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: "1" };

function read(values: Record<string, string>) {
    return readStackConfig({ get: (key) => values[key] }).clusters;
}

describe("the former name of a component, in the stack's config", () => {
    it("is read beside its name", () => {
        const [cluster] = read({ ...one, name: "production", formerName: "blue" });
        assert.deepEqual([cluster?.name, cluster?.formerName], ["production", "blue"]);
        assert.equal(read(one)[0]?.formerName, undefined);
    });

    it("is one that no other cluster of the list has or had", () => {
        const { clusterName, ...common } = one;
        const list = (...clusters: object[]) => read({ ...common, clusters: JSON.stringify(clusters) });
        const blue = { clusterName, formerName: "red" };
        assert.equal(list(blue, { clusterName: "green", formerName: "yellow" }).length, 2);
        for (const other of [{ clusterName: "red" }, { clusterName: "green", formerName: "red" }]) {
            assert.throws(() => list(blue, other), /formerName "red", which is the name or the formerName of another/);
        }
    });

    it("is not the name of now, also where that is the cluster's", () => {
        for (const own of [{ name: "blue" }, {} as Record<string, string>]) {
            assert.throws(() => read({ ...one, ...own, formerName: "blue" }), /formerName: "blue" is the name of now/);
        }
    });
});
