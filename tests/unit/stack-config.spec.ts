import assert from "node:assert/strict";
import { readStackConfig } from "../../components/stack-config";

const config = (values: Record<string, string>) => ({ get: (key: string) => values[key] });
const one = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: "3" };

describe("the stack's config", () => {
    it("names one cluster", () => {
        assert.deepEqual(readStackConfig(config(one)), {
            clusters: [
                {
                    name: "blue",
                    resourceGroupName: "group",
                    clusterName: "blue",
                    rotationGeneration: 3,
                    writeRecord: true,
                    recordNamespace: "default",
                },
            ],
            isList: false,
        });
    });

    it("names a list of clusters, to which the top level gives the defaults", () => {
        const clusters = JSON.stringify([{ clusterName: "blue" }, { clusterName: "green", rotationGeneration: 7 }]);
        const { resourceGroupName, rotationGeneration } = one;
        const read = readStackConfig(config({ resourceGroupName, rotationGeneration, writeRecord: "false", clusters }));
        assert.equal(read.isList, true);
        assert.deepEqual(
            read.clusters.map((cluster) => [cluster.name, cluster.rotationGeneration, cluster.writeRecord]),
            [
                ["blue", 3, false],
                ["green", 7, false],
            ],
        );
    });

    it("tells what is missing, with the command that sets it", () => {
        assert.throws(
            () => readStackConfig(config({ clusterName: "blue" })),
            /resourceGroupName is missing: pulumi config set resourceGroupName[\s\S]*rotationGeneration is missing: pulumi config set rotationGeneration 1/,
        );
    });

    it("tells what is not of the right kind", () => {
        assert.throws(
            () => readStackConfig(config({ ...one, rotationGeneration: "two", writeRecord: "perhaps" })),
            /rotationGeneration is "two", but must be a whole number[\s\S]*writeRecord is "perhaps", but must be a boolean/,
        );
    });

    it("refuses a key that does not exist, in an item of the list", () => {
        const clusters = JSON.stringify([{ ...one, rotationGeneration: 1, rotationGenration: 2 }]);
        assert.throws(
            () => readStackConfig(config({ clusters })),
            /clusters\[0\]\.rotationGenration: there is no such key/,
        );
    });

    it("refuses a list that is none, is empty, or names a cluster twice", () => {
        for (const clusters of ["{}", "[]", "no json", '"blue"']) {
            assert.throws(() => readStackConfig(config({ clusters })), /must be a list of clusters/);
        }
        const twice = JSON.stringify([one, one].map((item) => ({ ...item, rotationGeneration: 1 })));
        assert.throws(() => readStackConfig(config({ clusters: twice })), /names blue twice/);
    });

    it("names a cluster by its id, in place of the names", () => {
        const clusterId =
            "/subscriptions/0000-1/resourceGroups/group/providers/Microsoft.ContainerService/managedClusters/Blue";
        const [cluster] = readStackConfig(
            config({ clusterId, rotationGeneration: "1", verifyThrough: "runCommand" }),
        ).clusters;
        assert.equal(cluster?.name, "Blue");
        assert.deepEqual({ ...cluster }, { ...cluster, clusterId, verifyThrough: "runCommand" });
        const list = JSON.stringify([{ clusterId }, { clusterName: "green" }]);
        const read = readStackConfig(config({ resourceGroupName: "group", rotationGeneration: "1", clusters: list }));
        assert.deepEqual(
            read.clusters.map(({ name }) => name),
            ["Blue", "green"],
        );
        assert.throws(
            () => readStackConfig(config({ ...one, clusterId })),
            /resourceGroupName, clusterName: clusterId names the cluster already/,
        );
        assert.throws(
            () =>
                readStackConfig(
                    config({
                        clusterId: clusterId.replace("ContainerService/managedClusters", "ContainerService/fleets"),
                        rotationGeneration: "1",
                    }),
                ),
            /clusterId: .* is the id of an Azure Kubernetes Fleet Manager/,
        );
    });
});
