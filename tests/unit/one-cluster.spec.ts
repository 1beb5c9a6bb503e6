import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from "../../components";
import { claimCluster, plainNames, soleClaim } from "../../components/one-cluster";
import { clusterId } from "../../formats/cluster-id";
import { registered, subscriptionId } from "../support/component-mocks";

const names = { resourceGroupName: "Group", clusterName: "Blue" };
const id = clusterId(subscriptionId, "group", "blue");
const other = "11111111-0000-4000-8000-000000000000";

describe("what names a cluster in plain arguments", () => {
    it("is its id, in lower case, by the names or the id that are given", () => {
        assert.deepEqual(plainNames(names, subscriptionId, false), [id]);
        assert.deepEqual(plainNames({ clusterId: id.toUpperCase() }, undefined, false), [id]);
        assert.deepEqual(plainNames({ clusterId: id }, other, false), [id], "an id has its own subscription");
    });

    it("is also its names alone, only where it is in the ambient subscription", () => {
        assert.deepEqual(plainNames(names, undefined, true), ["group/blue"]);
        assert.deepEqual(plainNames(names, subscriptionId, true), [id, "group/blue"]);
        assert.deepEqual(plainNames(names, undefined, false), []);
    });

    it("is nothing where they are not plain, or wrong", () => {
        assert.deepEqual(plainNames({ clusterId: "blue" }, subscriptionId, true), []);
        assert.deepEqual(plainNames({ ...names, clusterName: pulumi.output("blue") }, subscriptionId, true), []);
        assert.deepEqual(plainNames(names, pulumi.output(subscriptionId), false), []);
    });
});

describe("a cluster that is claimed", () => {
    /** Runs a program under Pulumi's mocks. */
    async function inStack(program: () => Promise<void>): Promise<void> {
        const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
        await pulumi.runtime.setMocks(mocks, "project", "stack", false);
        await pulumi.runtime.runInPulumiStack(program);
        await pulumi.runtime.disconnect();
    }
    const claim = (name: string) => ({ component: new pulumi.ComponentResource("test:index:Part", name), name });

    it("is refused to another component, and not to the same one, nor is another cluster", async () => {
        await inStack(async () => {
            const [first, second, third] = [claim("first"), claim("second"), claim("third")];
            claimCluster(id, first);
            claimCluster(id, first);
            claimCluster(`${id}2`, third);
            assert.throws(() => claimCluster(id, second), /the cluster \S+blue is that of the component "first"/);
            await assert.rejects(soleClaim(first), /that of the component "second"/);
            await assert.rejects(soleClaim(second), /that of the component "first"/);
            await soleClaim(third);
        });
    });

    it("is waited for until the components beside it have claimed theirs", async () => {
        await inStack(async () => {
            const [first, second] = [claim("first"), claim("second")];
            claimCluster(id, first);
            const sole = soleClaim(first);
            assert.throws(() => claimCluster(id, second));
            await assert.rejects(sole, /that of the component "second"/);
        });
    });

    it("fails both components that name it, before either is given anything", async () => {
        const { clusterName, resourceGroupName } = names;
        const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };
        const says = /the cluster \S*group\/\S*blue is that of the component "(cluster|second)"/;
        for (const given of [{ resourceGroupName, clusterName }, { clusterId: id }]) {
            const second = async () => {
                assert.throws(() => new CertificateRotation("second", { ...given, rotationGeneration: 1 }), says);
            };
            await assert.rejects(registered(args, { look: second }), says);
        }
        await assert.rejects(
            registered(args, {
                look: async () => {
                    const later = new CertificateRotation("second", {
                        clusterId: pulumi.output(id),
                        rotationGeneration: 1,
                    });
                    await (later.clusterIdentifier as unknown as { promise(): Promise<string> }).promise();
                },
            }),
            says,
        );
    });

    it("fails the first component too where the second one names it later", async () => {
        const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };
        let message = "";
        const look = async (first: CertificateRotation) => {
            new CertificateRotation("second", { clusterId: pulumi.output(id), rotationGeneration: 1 });
            const rotation = first.rotation as unknown as { promise(): Promise<unknown> };
            message = await rotation.promise().then(String, (error: Error) => error.message);
        };
        await assert.rejects(registered(args, { look }));
        assert.match(message, /that of the component "second"/);
    });

    it("is none of the same names in another subscription", async () => {
        const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };
        let made = false;
        const look = async () => {
            new CertificateRotation("second", { ...args, subscriptionId: other });
            made = true;
        };
        await registered(args, { look });
        assert.ok(made);
    });
});
