import assert from "node:assert/strict";
import { AzureNativePlugin } from "../../rehearsal/plugins/azure-native/plugin";
import { AzureError } from "../../rehearsal/plugins/azure-native/resource-manager";
import { fromArm, inputsFromArm, type Shape, shapes, toArm } from "../../rehearsal/plugins/azure-native/shapes";
import { readIdentity } from "../../rehearsal/plugins/azure-native/sign-in";

function shape(type: string): Shape {
    const found = shapes[type];
    assert.ok(found);
    return found;
}

const cluster = shape("azure-native:containerservice:ManagedCluster");
const group = shape("azure-native:resources:ResourceGroup");
const id = cluster.id("s", { resourceGroupName: "g", resourceName: "c" });
const resource = {
    id,
    name: "c",
    type: "Microsoft.ContainerService/ManagedClusters",
    location: "westeurope",
    properties: { dnsPrefix: "d", provisioningState: "Succeeded" },
};
const inputs = { resourceGroupName: "g", resourceName: "c", location: "westeurope", dnsPrefix: "d" };

describe("azure-native stand-in: shapes", () => {
    it("puts inputs where ARM has them, and back", () => {
        assert.deepEqual(toArm(cluster, inputs), { location: "westeurope", properties: { dnsPrefix: "d" } });
        const shown = fromArm(cluster, resource);
        assert.equal(shown.provisioningState, "Succeeded");
        assert.equal(shown.properties, undefined);
        assert.deepEqual(inputsFromArm(cluster, id, resource, inputs), inputs);
    });

    it("leaves a resource group as it is", () => {
        assert.deepEqual(toArm(group, { resourceGroupName: "g", location: "x", tags: { a: "b" } }), {
            location: "x",
            tags: { a: "b" },
        });
        assert.deepEqual(fromArm(group, { id: "i", name: "g", properties: { provisioningState: "Succeeded" } }), {
            name: "g",
            properties: { provisioningState: "Succeeded" },
            azureApiVersion: "2024-03-01",
        });
    });
});

describe("azure-native stand-in", () => {
    it("prefers the provider's arguments to the environment", () => {
        const environment = { ARM_SUBSCRIPTION_ID: "a", ARM_TENANT_ID: "t" };
        const identity = readIdentity({ subscriptionId: "b" }, environment);
        assert.deepEqual([identity.subscriptionId, identity.tenantId], ["b", "t"]);
    });

    it("words Azure's errors as the official plugin does", () => {
        const { message } = new AzureError(404, "ResourceNotFound", 'The "x" was not found.');
        assert.equal(message, String.raw`Status=404 Code="ResourceNotFound" Message="The \"x\" was not found."`);
    });

    it("replaces a cluster that moves, and updates one that is tagged", async () => {
        const call = {
            urn: "urn:pulumi:dev::p::azure-native:containerservice:ManagedCluster::c",
            type: "azure-native:containerservice:ManagedCluster",
            name: "c",
            log: () => {},
            signal: new AbortController().signal,
            id,
            olds: {},
            oldInputs: inputs,
            ignoreChanges: [],
        };
        const plugin = new AzureNativePlugin();
        const moved = await plugin.diff({ ...call, news: { ...inputs, location: "northeurope" } });
        assert.deepEqual([moved.replaces, moved.deleteBeforeReplace], [["location"], true]);
        const tagged = await plugin.diff({ ...call, news: { ...inputs, tags: { a: "b" } } });
        assert.deepEqual([tagged.diffs, tagged.replaces], [["tags"], []]);
        assert.equal((await plugin.diff({ ...call, news: inputs })).changes, "none");
        await assert.rejects(plugin.diff({ ...call, type: "azure-native:storage:Blob", news: {} }), /only/);
    });

    it("says which functions it has", async () => {
        await assert.rejects(new AzureNativePlugin().invoke("azure-native:x:y", {}), /getManagedCluster/);
    });
});
