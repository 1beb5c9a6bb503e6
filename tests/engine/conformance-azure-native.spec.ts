import assert from "node:assert/strict";
import {
    CheckRequest,
    type CheckResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    InvokeRequest,
    type InvokeResponse,
    ReadRequest,
    type ReadResponse,
    UpdateRequest,
    type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { toProperties, toStruct } from "../../rehearsal/plugins/protocol/messages";
import type { Properties } from "../../rehearsal/plugins/protocol/values";
import { ask, Host, type Outcome } from "./conformance-host";

const service = "azure-native:containerservice";

async function invoke({ client }: Host, token: string, args: Properties): Promise<Outcome<InvokeResponse>> {
    const request = new InvokeRequest().setTok(token).setArgs(toStruct(args));
    return await ask((callback) => client.invoke(request, callback));
}

describe("azure-native stand-in on the local AKS", function () {
    this.timeout(60_000);
    let aks: LocalAks;
    let host: Host;

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 1 });
        await aks.addCluster({ resourceGroup: "group", name: "cluster", backend: "light" });
        host = await Host.start("azure-native", aks.environment);
    });
    after(async () => {
        await host?.close();
        await aks?.close();
    });

    const cluster = { resourceGroupName: "group", resourceName: "cluster" };

    async function answered(outcome: Promise<Outcome<InvokeResponse>>): Promise<Properties> {
        const { answer, error } = await outcome;
        assert.ok(answer, error?.error);
        return toProperties(answer.getReturn());
    }

    async function refused(outcome: Promise<Outcome<unknown>>): Promise<string> {
        const { error } = await outcome;
        assert.ok(error);
        return error.error;
    }

    it("reads a cluster's credentials, of users and of admins", async () => {
        for (const role of ["User", "Admin"]) {
            const answer = await answered(invoke(host, `${service}:listManagedCluster${role}Credentials`, cluster));
            const [{ name, value } = {}] = answer.kubeconfigs as Properties[];
            assert.equal(name, `cluster${role}`);
            const kubeconfig = Buffer.from(String(value), "base64").toString();
            assert.match(kubeconfig, /current-context: cluster$/m);
            assert.match(kubeconfig, new RegExp(`user: cluster${role}_group_cluster$`, "m"));
        }
    });

    it("reads a cluster, and who it is itself", async () => {
        const answer = await answered(invoke(host, `${service}:getManagedCluster`, cluster));
        assert.equal(answer.provisioningState, "Succeeded");
        assert.match(String(answer.id), /managedClusters\/cluster$/);
        assert.equal(answer.properties, undefined);
        const config = await answered(invoke(host, "azure-native:authorization:getClientConfig", {}));
        assert.deepEqual(
            [config.clientId, config.tenantId, config.subscriptionId],
            [aks.clientId, aks.tenantId, aks.subscriptionId],
        );
        assert.ok(config.objectId);
    });

    it("signs in once", async () => {
        const signIns = () => aks.control.requests().filter(({ path }) => path.includes("/oauth2/")).length;
        const before = signIns();
        await answered(invoke(host, `${service}:getManagedCluster`, cluster));
        assert.equal(signIns(), before);
    });

    it("tries again where Azure is busy", async () => {
        const action = { type: "answer", status: 503, retryAfterSeconds: 0 } as const;
        aks.control.addFault({ match: { path: "/managedClusters/cluster" }, action, count: 2 });
        await answered(invoke(host, `${service}:getManagedCluster`, cluster));
        assert.deepEqual(
            aks.control.faults().map(({ hits }) => hits),
            [2],
        );
        aks.control.clearFaults();
    });

    it("passes on what Azure says", async () => {
        const token = `${service}:listManagedClusterUserCredentials`;
        assert.match(
            await refused(invoke(host, token, { ...cluster, resourceName: "nope" })),
            /^request failed \/subscriptions\/.*\/listClusterUserCredential: Status=404 Code="ResourceNotFound" Message=".+"$/,
        );
        assert.match(await refused(invoke(host, token, { resourceName: "x" })), /missing required property/);
    });

    it("passes on what the sign-in service says", async () => {
        const wrong = await Host.start("azure-native", { ...aks.environment, ARM_CLIENT_SECRET: "wrong" });
        try {
            const message = await refused(invoke(wrong, `${service}:getManagedCluster`, cluster));
            assert.match(message, /AADSTS7000215/);
            assert.ok(!message.includes(aks.environment.ARM_CLIENT_SECRET ?? ""));
        } finally {
            await wrong.close();
        }
    });

    it("makes, changes, reads and deletes a cluster and its resource group", async () => {
        const { client } = host;
        const resource = async (type: string, news: Properties) => {
            const urn = `urn:pulumi:dev::test::${type}::made`;
            const check = new CheckRequest().setUrn(urn).setNews(toStruct(news));
            const checked = await ask<CheckResponse>((callback) => client.check(check, callback));
            const inputs = toProperties(checked.answer?.getInputs());
            const create = new CreateRequest().setUrn(urn).setProperties(toStruct(inputs));
            const created = await ask<CreateResponse>((callback) => client.create(create, callback));
            assert.ok(created.answer, created.error?.error);
            const again = await refused(ask<CreateResponse>((callback) => client.create(create, callback)));
            assert.match(again, /cannot create already existing resource/);
            return { urn, id: created.answer.getId(), inputs, state: toProperties(created.answer.getProperties()) };
        };
        const remove = async ({ urn, id }: { urn: string; id: string }) => {
            const request = new DeleteRequest().setUrn(urn).setId(id).setProperties(toStruct({}));
            const { error } = await ask<Empty>((callback) => client.delete(request, callback));
            assert.equal(error, undefined);
        };
        const read = async ({ urn, id, inputs }: { urn: string; id: string; inputs: Properties }) => {
            const request = new ReadRequest().setUrn(urn).setId(id).setInputs(toStruct(inputs));
            const { answer, error } = await ask<ReadResponse>((callback) => client.read(request, callback));
            assert.ok(answer, error?.error);
            return answer;
        };

        const group = await resource("azure-native:resources:ResourceGroup", { location: "westeurope" });
        assert.match(group.id, /\/resourceGroups\/made[0-9a-f]{8}$/);
        const made = await resource("azure-native:containerservice:ManagedCluster", {
            resourceGroupName: group.inputs.resourceGroupName ?? "",
            location: "westeurope",
        });
        assert.equal(made.state.provisioningState, "Succeeded");
        const news = { ...made.inputs, tags: { a: "b" } };
        const update = new UpdateRequest()
            .setUrn(made.urn)
            .setId(made.id)
            .setOlds(toStruct(made.state))
            .setNews(toStruct(news));
        const updated = await ask<UpdateResponse>((callback) => client.update(update, callback));
        assert.deepEqual(toProperties(updated.answer?.getProperties()).tags, { a: "b" }, updated.error?.error);
        assert.deepEqual(toProperties((await read({ ...made, inputs: news })).getInputs()), news);
        await remove(made);
        assert.equal((await read(made)).getId(), "");
        await remove(made);
        assert.equal((await read(group)).getId(), group.id);
    });
});
