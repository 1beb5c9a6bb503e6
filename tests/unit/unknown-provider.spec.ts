import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateRotation } from "../../components";
import { checkArguments } from "../../components/arguments";
import { clientSubscription } from "../../components/azure-provider";
import { readKubeconfig } from "../../components/credentials";
import { registered, subscriptionId } from "../support/component-mocks";

const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };
const empty = () => ({});

/** What azure-native answers in a preview, before all of its inputs are known. */
const answers = {
    getClientConfig: empty,
    listManagedClusterUserCredentials: empty,
    listManagedClusterAdminCredentials: empty,
    getConnectedCluster: empty,
    getFleet: empty,
};

type Known = { isKnown: Promise<boolean> };

describe("an azure-native provider whose inputs are not known yet", () => {
    for (const [given, identified] of [
        [args, false],
        [{ ...args, subscriptionId }, true],
        [{ ...args, subscriptionId, credentials: "admin" }, true],
    ] as const) {
        it(`leaves all that is read of it unknown in a preview: ${Object.keys(given)}`, async () => {
            const look = async ({ kubeconfig, caCertificate, clusterIdentifier }: CertificateRotation) => {
                assert.equal(await (kubeconfig as unknown as Known).isKnown, false);
                assert.equal(await (caCertificate as unknown as Known).isKnown, false);
                assert.equal(await (clusterIdentifier as unknown as Known).isKnown, identified);
            };
            await registered(given, { answers, config: {}, preview: true, look });
        });
    }

    it("is an error in an up, where everything is known", async () => {
        const mocks = { newResource: () => ({ id: "", state: {} }), call: empty };
        await pulumi.runtime.setMocks(mocks, "project", "stack", false);
        await assert.rejects(clientSubscription({}), /does not say which subscription it is for/);
        const checked = checkArguments({ ...args, subscriptionId });
        await assert.rejects(readKubeconfig(checked, undefined, {}), /AKS gave no kubeconfig/);
    });
});
