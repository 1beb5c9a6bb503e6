import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRotationArgs } from "../../components";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

const rotateAction = "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action";

describe("bad input", function () {
    this.timeout(engineTimeoutMs);

    const wrongArguments: [what: string, args: object, message: RegExp][] = [
        ["a negative generation", { rotationGeneration: -1 }, /rotationGeneration is -1, but must be a whole number/],
        ["a fractional generation", { rotationGeneration: 1.5 }, /rotationGeneration is 1\.5/],
        ["a generation that is text", { rotationGeneration: "two" }, /rotationGeneration is "two"/],
        ["no generation", { rotationGeneration: undefined }, /rotationGeneration is missing/],
        [
            "a timeout that is no duration",
            { timeout: "soon" },
            /timeout is "soon", but must be a duration such as "60m"/,
        ],
        ["an unknown cluster", { clusterName: "red" }, /ResourceNotFound[\s\S]*Check clusterName/],
        [
            "a cluster of Azure Arc",
            { clusterName: "edge" },
            /ResourceNotFound[\s\S]*"edge" in resource group "group" is a cluster that Azure Arc has connected/,
        ],
        ["a fleet", { clusterName: "hub" }, /"hub" in resource group "group" is an Azure Kubernetes Fleet Manager/],
        [
            "a fleet's hub",
            { resourceGroupName: "fl_group_fleet_westeurope", clusterName: "Hub" },
            /is the hub cluster of an Azure Kubernetes Fleet Manager[\s\S]*az fleet member list/,
        ],
        [
            "a fleet's hub by a name that is an output",
            { resourceGroupName: pulumi.output("fl_group_fleet_westeurope"), clusterName: "hub" },
            /is the hub cluster of an Azure Kubernetes Fleet Manager/,
        ],
        [
            "the id of another resource type",
            {
                resourceGroupName: undefined,
                clusterName: undefined,
                clusterId: "/subscriptions/1/resourceGroups/group/providers/Microsoft.Compute/virtualMachines/one",
            },
            /is the id of another kind of resource \(Microsoft\.Compute\/virtualMachines\)\. Rotation is for AKS clusters/,
        ],
        [
            "an unknown resource group",
            { resourceGroupName: "none" },
            /ResourceGroupNotFound[\s\S]*Check resourceGroupName/,
        ],
        [
            "an unknown subscription",
            { subscriptionId: "00000000-0000-4000-8000-00000000dead" },
            /SubscriptionNotFound[\s\S]*Check subscriptionId/,
        ],
    ];

    it("is refused by a preview, before anything is touched, with what would be right", async () => {
        await using scene = await Scene.open();
        const { args } = scene;
        scene.control.addResource("Microsoft.Kubernetes/connectedClusters", { resourceGroup: "group", name: "edge" });
        scene.control.addResource("Microsoft.ContainerService/fleets", { resourceGroup: "group", name: "hub" });
        await scene.aks.addCluster({ resourceGroup: "fl_group_fleet_westeurope", name: "hub", backend: "light" });
        for (const [what, wrong, message] of wrongArguments) {
            scene.args = { ...args, ...wrong } as CertificateRotationArgs;
            assert.match(await scene.failure(scene.preview()), message, what);
        }
        assert.equal(scene.rotations, 0);
        const kinds = new Set(scene.control.requests().map(({ method, kind }) => `${method} ${kind}`));
        assert.ok(!kinds.has("POST rotateClusterCertificates"), [...kinds].join());
    });

    it("such as no Azure credentials, or wrong ones, is refused by a preview, and said so", async () => {
        await using without = await Scene.open({ environment: { ARM_CLIENT_SECRET: "" } });
        assert.match(await without.failure(without.preview()), /There are no Azure credentials: set ARM_CLIENT_ID/);
        await using wrong = await Scene.open({ environment: { ARM_CLIENT_SECRET: "not-the-secret" } });
        assert.match(
            await wrong.failure(wrong.preview()),
            /AADSTS7000215[\s\S]*in tenant [\da-f-]{36}\. What is in ARM_CLIENT_SECRET \(or clientSecret\) is not a secret/,
        );
    });

    it("such as a missing right to read the credentials is refused by a preview, with the RBAC actions", async () => {
        await using scene = await Scene.open();
        scene.control.denyActions(["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"]);
        assert.match(
            await scene.failure(scene.preview()),
            /AuthorizationFailed[\s\S]*listClusterUserCredential\/action[\s\S]*rotateClusterCertificates\/action/,
        );
    });

    it("such as a missing right to rotate names the RBAC action, and rotates nothing", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.denyActions([rotateAction]);
        const message = await scene.failure(scene.up(2));
        assert.match(message, /The preflight of cluster "blue"[\s\S]*Nothing was rotated/);
        assert.ok(message.toLowerCase().includes(`lacks ${rotateAction.toLowerCase()}`), message);
        assert.equal(scene.rotations, 0);
        assert.equal(scene.cluster.requests.rotateClusterCertificates, undefined);
        scene.args = { ...scene.args, preflight: "warn" };
        const refused = await scene.failure(scene.up(2));
        assert.match(refused, /The preflight finds a blocker: rights[\s\S]*Azure answered 403 AuthorizationFailed/);
        assert.equal(scene.rotations, 0);
        scene.control.denyActions([]);
        await scene.up(2);
        assert.equal(scene.rotations, 1);
    });

    it("such as an API server that cannot be reached is told before the rotation, with what verify can be", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.control.setReachable(scene.ref, false);
        const message = await scene.failure(scene.up(2));
        assert.match(
            message,
            /The API server of the cluster "blue".*cannot be reached[\s\S]*Nothing was rotated[\s\S]*"bestEffort"/,
        );
        assert.equal(scene.rotations, 0);
    });
});
