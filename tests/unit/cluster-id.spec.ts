import assert from "node:assert/strict";
import { clusterId, fleetHub, parseClusterId } from "../../formats/cluster-id";

const group = "/subscriptions/0000-1/resourceGroups/My-Group";

describe("the cluster's id", () => {
    it("is the ARM id in lower case", () => {
        assert.equal(
            clusterId("ABC", "My-Group", "Blue"),
            "/subscriptions/abc/resourcegroups/my-group/providers/microsoft.containerservice/managedclusters/blue",
        );
    });

    it("is read in any case, and gives the names as they are written", () => {
        const id = `${group}/providers/Microsoft.ContainerService/managedClusters/Blue`;
        const names = { subscriptionId: "0000-1", resourceGroupName: "My-Group", clusterName: "Blue" };
        assert.deepEqual(parseClusterId(id), names);
        assert.deepEqual(parseClusterId(`${id}/`), names);
        for (const [read, group, cluster] of [
            [id.toUpperCase(), "MY-GROUP", "BLUE"],
            [id.toLowerCase(), "my-group", "blue"],
        ] as const) {
            const parts = parseClusterId(read);
            assert.deepEqual(parts, { subscriptionId: "0000-1", resourceGroupName: group, clusterName: cluster });
            assert.equal(clusterId(parts.subscriptionId, parts.resourceGroupName, parts.clusterName), id.toLowerCase());
        }
    });

    const others = {
        "providers/Microsoft.Kubernetes/connectedClusters/edge": /a cluster that Azure Arc has connected/,
        "providers/microsoft.kubernetes/connectedclusters/edge": /a cluster that Azure Arc has connected/,
        "providers/Microsoft.Kubernetes/connectedClusters/edge/providers/Microsoft.HybridContainerService/provisionedClusterInstances/default":
            /an AKS cluster on your own hardware/,
        "providers/Microsoft.ContainerService/fleets/hub": /an Azure Kubernetes Fleet Manager .*hub cluster/,
        "providers/Microsoft.ContainerService/fleets/hub/members/one": /a member of an Azure Kubernetes Fleet Manager/,
        "providers/Microsoft.RedHatOpenShift/openShiftClusters/one": /an Azure Red Hat OpenShift cluster/,
        "providers/Microsoft.Compute/virtualMachines/one":
            /another kind of resource \(Microsoft\.Compute\/virtualMachines\)/,
        "providers/Microsoft.ContainerService/managedClusters/blue/providers/Microsoft.KubernetesConfiguration/extensions/flux":
            /another kind of resource \(Microsoft\.KubernetesConfiguration\/extensions\)/,
        "": /a resource group, not of a cluster/,
    };
    for (const [rest, words] of Object.entries(others)) {
        it(`is not that of ${rest || "a resource group"}, and it says of what it is`, () => {
            assert.throws(
                () => parseClusterId(rest === "" ? group : `${group}/${rest}`),
                (error: Error) =>
                    words.test(error.message) && /Rotation is for AKS clusters: give an id such as/.test(error.message),
            );
        });
    }

    it("tells a fleet's hub by its names, and nothing else", () => {
        const hub = (resourceGroupName: string, clusterName: string) => fleetHub({ resourceGroupName, clusterName });
        for (const words of [
            hub("FL_shop_fleet_westeurope", "hub"),
            hub("fl_My-Group_my_fleet_northeurope2", "HUB"),
            fleetHub(
                parseClusterId(
                    "/subscriptions/1/resourcegroups/FL_shop_fleet_westeurope/providers/Microsoft.ContainerService/managedClusters/hub",
                ),
            ),
        ]) {
            assert.match(
                words ?? "",
                /is the hub cluster of an Azure Kubernetes Fleet Manager[^\n]*\n.*az fleet member list/,
            );
        }
        for (const [group, name] of [
            ["shop", "hub"],
            ["FL_shop_fleet_westeurope", "blue"],
            ["FL_orida", "hub"],
            ["MC_FL_shop_fleet_westeurope", "hub"],
        ] as const) {
            assert.equal(hub(group, name), undefined, `${group}/${name}`);
        }
    });

    it("is not that of a subscription", () => {
        assert.throws(() => parseClusterId("/subscriptions/0000-1"), /is the id of a subscription, not of a cluster/);
    });

    it("is not that of a part of it: then the cluster's own is named", () => {
        const id = `${group}/providers/Microsoft.ContainerService/managedClusters/Blue`;
        assert.throws(
            () => parseClusterId(`${id}/agentPools/pool`),
            (error: Error) => error.message.endsWith(`Give the cluster's: ${id}`),
        );
    });

    for (const bad of [
        "",
        "blue",
        "subscriptions/0000-1",
        "https://portal/#/subscriptions/1",
        `${group}/providers`,
        `${group}/providers/Microsoft.ContainerService`,
        `${group}/providers/Microsoft.ContainerService/managedClusters`,
        `${group}/providers/Microsoft.ContainerService/managedClusters//`,
        "/subscriptions/0000-1/providers/Microsoft.ContainerService/managedClusters/blue",
        `${group}/providers/Microsoft.Web/sites/a/providers/Microsoft.ContainerService/managedClusters/blue`,
    ]) {
        it(`is not ${JSON.stringify(bad)}`, () => {
            assert.throws(() => parseClusterId(bad), /is no (whole )?ARM id\. Rotation is for AKS clusters/);
        });
    }
});
