import assert from "node:assert/strict";
import { Clusters } from "../../azure/clusters";
import { clusterFixture, signal } from "../support/cluster-fixture";

describe("a token for Azure Resource Manager", () => {
    it("goes to no other host, whatever link a list names", async () => {
        await using fixture = await clusterFixture();
        const { aks, signIn } = fixture;
        const nextLink = "https://127.0.0.1:1/subscriptions/s/providers/Microsoft.ContainerService/managedClusters";
        aks.control.addFault({
            match: { kind: "listClusters" },
            action: {
                type: "answer",
                status: 200,
                body: JSON.stringify({ value: [], nextLink }),
                headers: { "content-type": "application/json" },
            },
        });
        const cloud = { resourceManager: aks.url, authority: aks.url, scope: `${aks.url}/.default` };
        await assert.rejects(
            new Clusters(aks.subscriptionId, cloud, signIn).list(undefined, signal()),
            /^Error: 127\.0\.0\.1:1 is not Azure Resource Manager \(https:.*\): no token is sent there/,
        );
    });
});
