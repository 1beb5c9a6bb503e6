import assert from "node:assert/strict";
import { mock } from "node:test";
import timers from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs } from "@pulumi/pulumi/runtime";
import { checkArguments } from "../../components/arguments";
import { hasExpired, NoSuchCluster, readKubeconfig } from "../../components/credentials";
import { parseKubeconfig } from "../../formats/kubeconfig";
import type { RotationRecord } from "../../formats/record";
import { createClusterSecrets } from "../../rehearsal/local-aks/cluster-secrets";
import { kubeconfig } from "../../rehearsal/local-aks/kubeconfig";
import { subscriptionId } from "../support/component-mocks";
import { adopted } from "./task";

const day = 86_400;
const given = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1, subscriptionId };

async function kubeconfigOf(lifetimes = { ca: day, server: day, client: day }, others: string[] = []) {
    const secrets = await createClusterSecrets(lifetimes);
    return kubeconfig({
        resourceGroup: "group",
        clusterName: "blue",
        server: "https://127.0.0.1:1",
        secrets: { ...secrets, otherAuthorities: others },
        role: "user",
    });
}
const base64 = (text: string) => ({ kubeconfigs: [{ value: Buffer.from(text).toString("base64") }] });

describe("the kubeconfig that the component reads", () => {
    // A method that is mocked twice is restored to its first mock: without pauses every poll of the process would spin.
    beforeEach(() => void mock.method(timers, "setTimeout", async () => {}));
    afterEach(() => mock.restoreAll());

    interface Reading {
        args?: object;
        record?: RotationRecord;
        preview?: boolean;
        /** Seconds. */
        settle?: number;
    }

    /** Reads it with answers in their order, the last one for good; by the last part of a function's name. */
    async function read(answers: (object | Error)[], { args, record, preview = false, settle = 60 }: Reading = {}) {
        const calls: MockCallArgs[] = [];
        const call = (asked: MockCallArgs) => {
            calls.push(asked);
            if (!/Credentials$/.test(asked.token)) {
                return asked.token.endsWith("getConnectedCluster") ? { id: "arc" } : {};
            }
            const answer = answers.length > 1 ? answers.shift() : answers[0];
            if (answer instanceof Error) {
                // As the engine's, whose words are among the details.
                throw Object.assign(answer, { details: answer.message });
            }
            return answer ?? {};
        };
        const mocks = { newResource: () => ({ id: "", state: {} }), call };
        await pulumi.runtime.setMocks(mocks, "project", "stack", preview);
        const checked = { ...checkArguments({ ...given, ...args }), settleTimeoutSeconds: settle };
        return { text: await readKubeconfig(checked, record, {}), calls };
    }

    it("is the user's or the admin's, as the arguments say", async () => {
        const text = await kubeconfigOf();
        const user = await read([base64(text)], { args: { format: "exec", serverFqdn: "public" } });
        assert.equal(user.text, text);
        assert.match(user.calls[0]?.token ?? "", /listManagedClusterUserCredentials$/);
        const names = { resourceGroupName: "group", resourceName: "blue" };
        assert.deepEqual({ ...user.calls[0]?.inputs }, { ...names, format: "exec", serverFqdn: "public" });
        const admin = await read([base64(text)], { args: { credentials: "admin" } });
        assert.match(admin.calls[0]?.token ?? "", /listManagedClusterAdminCredentials$/);
    });

    it("is asked for again while it is that of before the rotation, for the settle timeout at most", async () => {
        const [before, now] = await Promise.all([kubeconfigOf(), kubeconfigOf()]);
        const prints = (text: string) => parseKubeconfig(text).caFingerprints;
        const record: RotationRecord = { ...adopted, caBefore: prints(before), caAfter: prints(now) };
        const { text, calls } = await read([base64(before), base64(before), base64(now)], { record });
        assert.deepEqual([text, calls.length], [now, 3]);
        const stays = read([base64(before)], { record, settle: -1 });
        await assert.rejects(stays, /is rotated and verified, but Azure gives the credentials of before again/);
    });

    it("is taken at once where the record is of the same CA, or another one has rotated since, or there is none", async () => {
        const text = await kubeconfigOf();
        const own = parseKubeconfig(text).caFingerprints;
        for (const record of [
            { ...adopted, caBefore: own, caAfter: own },
            { ...adopted, caBefore: ["Y"], caAfter: ["Z"] },
            undefined,
        ]) {
            assert.equal((await read([base64(text)], { record, settle: -1 })).calls.length, 1);
        }
    });

    it("that is not there is no such cluster only where Azure says so of the cluster", async () => {
        const refusal = async (message: string) => {
            try {
                await read([new Error(message)]);
            } catch (error) {
                return error as Error;
            }
            throw new Error("It is read.");
        };
        const cluster = await refusal('Status=404 Code="ResourceNotFound"');
        assert.ok(cluster instanceof NoSuchCluster);
        assert.match(cluster.otherKind ?? "", /"blue" in resource group "group" is/);
        const group = await refusal('Status=404 Code="ResourceGroupNotFound"');
        assert.ok(group instanceof NoSuchCluster);
        assert.equal(group.otherKind, undefined);
        for (const message of ['Status=404 Code="SubscriptionNotFound"', 'Status=403 Code="AuthorizationFailed"']) {
            assert.ok(!((await refusal(message)) instanceof NoSuchCluster), message);
        }
    });

    it("is unknown only in a preview whose azure-native says nothing, and an error where it is none", async () => {
        const text = await kubeconfigOf();
        assert.equal((await read([base64(text)], { preview: true })).text, text);
        assert.notEqual((await read([{}], { preview: true })).text, text);
        await assert.rejects(read([{}]), /AKS gave no kubeconfig for the cluster user of blue/);
        await assert.rejects(read([{ kubeconfigs: [] }], { preview: true }), /AKS gave no kubeconfig/);
        await assert.rejects(read([base64("clusters: []")]), /kubeconfig/);
    });

    it("has expired where its client certificate or all of its CA has, and not before", async () => {
        const over = -3600;
        const lasting = { ca: day, server: day, client: day };
        assert.equal(hasExpired(await kubeconfigOf(lasting), Date.now()), false);
        assert.equal(hasExpired(await kubeconfigOf(lasting), Date.now() + 2 * day * 1000), true);
        assert.equal(hasExpired(await kubeconfigOf({ ...lasting, client: over }), Date.now()), true);
        assert.equal(hasExpired(await kubeconfigOf({ ...lasting, ca: over }), Date.now()), true);
        const old = (await createClusterSecrets({ ...lasting, ca: over })).ca.certificate;
        assert.equal(hasExpired(await kubeconfigOf(lasting, [old]), Date.now()), false);
    });
});
