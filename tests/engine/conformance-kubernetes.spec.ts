import assert from "node:assert/strict";
import {
    CheckRequest,
    type CheckResponse,
    ConfigureRequest,
    type ConfigureResponse,
    CreateRequest,
    type CreateResponse,
    DeleteRequest,
    DiffRequest,
    type DiffResponse,
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
import { type Properties, revealAll } from "../../rehearsal/plugins/protocol/values";
import recorded from "../conformance/kubernetes-4.32.0-ConfigMap.json";
import { abilities, ask, diffOf, Host, type Message, type Outcome } from "./conformance-host";

interface Case {
    cluster: string;
    method: "Configure" | "Check" | "Create" | "Diff" | "Read" | "Update" | "Delete";
    case: string;
    answer: Properties;
    logs: { severity: number; message: string }[];
}

const recordedServer = "https://127.0.0.1:16443";
/** The recorded case, had it been recorded here: on another port, and on a server whose keys are not RSA but ECDSA. */
function onThisServer(one: Case, server: string): Case {
    return JSON.parse(
        JSON.stringify(one)
            .replaceAll(recordedServer, server)
            .replaceAll("crypto/rsa: verification error", "x509: ECDSA verification failure"),
    );
}

const urn = "urn:pulumi:dev::test::kubernetes:core/v1:ConfigMap::rec";
const type = "kubernetes:core/v1:ConfigMap";
const program: Properties = { metadata: { name: "rec" }, data: { a: "1" } };

function object(change: Properties = {}): Properties {
    const metadata = { name: "rec", namespace: "default" };
    return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" }, ...change };
}

const labelled = object({ metadata: { name: "rec", namespace: "default", labels: { x: "y" } } });

function shown<T>({ answer, error }: Outcome<T>, show: (answer: T) => Properties): Properties {
    return error ?? show(answer);
}

/** What is kept between calls about the one ConfigMap, as the engine keeps it in the state. */
class Subject {
    state: Properties = { ...object(), __inputs: object(), __initialApiVersion: "v1", __fieldManager: "recorder" };

    constructor(
        private readonly host: Host,
        private readonly kubeconfig: string,
    ) {}

    /** Makes the recorded call, and shows the answer as the recording does. */
    async replay({ method, case: name }: Pick<Case, "method" | "case">): Promise<Properties> {
        const { client } = this.host;
        switch (method) {
            case "Configure": {
                const request = new ConfigureRequest().setAcceptsecrets(true);
                request.getVariablesMap().set("kubernetes:config:kubeconfig", this.kubeconfig);
                request.getVariablesMap().set("kubernetes:config:clusterIdentifier", "recorded");
                const outcome = await ask<ConfigureResponse>((callback) => client.configure(request, callback));
                return shown(outcome, abilities);
            }
            case "Check": {
                const request = new CheckRequest().setUrn(urn).setType(type).setNews(toStruct(program));
                return shown(await ask<CheckResponse>((callback) => client.check(request, callback)), (answer) => ({
                    inputs: toProperties(answer.getInputs()),
                    failures: answer.getFailuresList().map((failure) => failure.getReason()),
                }));
            }
            case "Diff": {
                const news = { "nothing changed": object(), "data changed": object({ data: { a: "2" } }) }[name];
                const request = new DiffRequest()
                    .setUrn(urn)
                    .setId("default/rec")
                    .setOlds(toStruct(this.state))
                    .setOldInputs(toStruct(object()))
                    .setNews(toStruct(news ?? labelled));
                return shown(await ask<DiffResponse>((callback) => client.diff(request, callback)), diffOf);
            }
            case "Create": {
                const request = new CreateRequest().setUrn(urn).setProperties(toStruct(object()));
                return shown(await ask<CreateResponse>((callback) => client.create(request, callback)), (answer) => {
                    this.state = toProperties(answer.getProperties());
                    return { id: answer.getId(), propertyNames: Object.keys(this.state).sort() };
                });
            }
            case "Read": {
                const request = new ReadRequest()
                    .setUrn(urn)
                    .setId("default/rec")
                    .setProperties(toStruct(this.state))
                    .setInputs(toStruct(object()));
                return shown(await ask<ReadResponse>((callback) => client.read(request, callback)), (answer) => ({
                    id: answer.getId(),
                    found: answer.getId() !== "",
                }));
            }
            case "Update": {
                const request = new UpdateRequest()
                    .setUrn(urn)
                    .setId("default/rec")
                    .setOlds(toStruct(this.state))
                    .setNews(toStruct(labelled));
                return shown(await ask<UpdateResponse>((callback) => client.update(request, callback)), (answer) => {
                    this.state = toProperties(answer.getProperties());
                    return { labels: (this.state.metadata as Properties).labels ?? null };
                });
            }
            case "Delete": {
                const request = new DeleteRequest()
                    .setUrn(urn)
                    .setId("default/rec")
                    .setProperties(toStruct(this.state));
                return shown(await ask<Empty>((callback) => client.delete(request, callback)), () => ({ ok: true }));
            }
        }
    }
}

describe("kubernetes stand-in on a real API server", function () {
    this.timeout(180_000);
    let aks: LocalAks;
    let azure: Host;
    let server = "";
    /** The credentials of the cluster as it was at first. */
    let accepted = "";

    async function kubeconfig(): Promise<string> {
        const token = "azure-native:containerservice:listManagedClusterUserCredentials";
        const args = { resourceGroupName: "group", resourceName: "cluster" };
        const request = new InvokeRequest().setTok(token).setArgs(toStruct(args));
        const { answer, error } = await ask<InvokeResponse>((callback) => azure.client.invoke(request, callback));
        assert.ok(answer, error?.error);
        const [first] = toProperties(answer.getReturn()).kubeconfigs as Properties[];
        return Buffer.from(String(first?.value), "base64").toString("utf8");
    }

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 1 });
        await aks.addCluster({ resourceGroup: "group", name: "cluster", backend: "control-plane" });
        azure = await Host.start("azure-native", aks.environment);
        accepted = await kubeconfig();
        server = /server: (\S+)/.exec(accepted)?.[1] ?? "";
    });
    after(async () => {
        await azure?.close();
        await aks?.close();
    });

    const cases = recorded.cases as unknown as Case[];
    for (const cluster of ["credentials accepted", "credentials of a replaced CA"]) {
        describe(cluster, () => {
            let host: Host;
            let subject: Subject;

            before(async () => {
                if (cluster === "credentials of a replaced CA") {
                    await aks.control.replaceCertificates({ resourceGroup: "group", name: "cluster" }, {});
                    assert.notEqual(await kubeconfig(), accepted);
                }
                host = await Host.start("kubernetes");
                subject = new Subject(host, accepted);
            });
            after(() => host?.close());

            for (const one of cases.filter((recording) => recording.cluster === cluster)) {
                it(`${one.method}: ${one.case}`, async () => {
                    const { answer, logs } = onThisServer(one, server);
                    host.takeLogs();
                    assert.deepEqual(await subject.replay(one), answer);
                    const said = host.takeLogs().map(({ severity, message }: Message) => ({ severity, message }));
                    assert.deepEqual(said, logs);
                });
            }
        });

        if (cluster === "credentials accepted") {
            describe("objects of other kinds", () => {
                let host: Host;

                before(async () => {
                    host = await Host.start("kubernetes");
                    await new Subject(host, accepted).replay({ method: "Configure", case: "" });
                });
                after(() => host?.close());

                async function create(
                    kind: string,
                    inputs: Properties,
                    preview = false,
                ): Promise<Outcome<CreateResponse>> {
                    const request = new CreateRequest()
                        .setUrn(`urn:pulumi:dev::test::kubernetes:${kind}::x`)
                        .setPreview(preview)
                        .setProperties(toStruct(inputs));
                    return await ask((callback) => host.client.create(request, callback));
                }

                async function update(
                    kind: string,
                    olds: Properties,
                    news: Properties,
                ): Promise<Outcome<UpdateResponse>> {
                    const request = new UpdateRequest()
                        .setUrn(`urn:pulumi:dev::test::kubernetes:${kind}::x`)
                        .setOlds(toStruct(olds))
                        .setNews(toStruct(news));
                    return await ask((callback) => host.client.update(request, callback));
                }

                function stateOf({ answer, error }: Outcome<CreateResponse | UpdateResponse>): Properties {
                    assert.ok(answer, error?.error);
                    return toProperties(answer.getProperties());
                }

                it("refuses to take over an object that is there", async () => {
                    const inputs = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } };
                    const { error } = await create("core/v1:Namespace", inputs);
                    assert.match(error?.error ?? "", /namespaces "kube-system" already exists/);
                });

                it("makes nothing in a preview, and says what is invalid", async () => {
                    const inputs = object({ metadata: { name: "preview", namespace: "default" } });
                    const first = await create("core/v1:ConfigMap", inputs, true);
                    assert.equal(first.answer?.getId(), "");
                    assert.equal(typeof (stateOf(first).metadata as Properties).uid, "string");
                    stateOf(await create("core/v1:ConfigMap", inputs, true));
                    const wrong = object({ metadata: { name: "No Such Name", namespace: "default" } });
                    const { error } = await create("core/v1:ConfigMap", wrong, true);
                    assert.match(error?.error ?? "", /Invalid value/);
                });

                it("removes what the program no longer has, and leaves what others have set", async () => {
                    const labels = { a: "b" };
                    const container = (name: string) => ({ name, image: "x", env: [{ name: "A", value: name }] });
                    const deployment = (names: string[], annotations: Properties): Properties => ({
                        apiVersion: "apps/v1",
                        kind: "Deployment",
                        metadata: {
                            name: "d",
                            namespace: "default",
                            annotations: { "pulumi.com/skipAwait": "true", ...annotations },
                        },
                        spec: {
                            selector: { matchLabels: labels },
                            template: { metadata: { labels }, spec: { containers: names.map(container) } },
                        },
                    });
                    const containers = (state: Properties) => {
                        const spec = state.spec as { template?: { spec?: { containers?: Properties[] } } };
                        return spec.template?.spec?.containers?.map(({ name }) => name);
                    };
                    const first = stateOf(
                        await create("apps/v1:Deployment", deployment(["one", "two"], { mine: "1" })),
                    );
                    assert.deepEqual(containers(first), ["one", "two"]);
                    const second = stateOf(await update("apps/v1:Deployment", first, deployment(["two"], {})));
                    assert.deepEqual(containers(second), ["two"]);
                    const third = stateOf(await update("apps/v1:Deployment", second, deployment(["two", "three"], {})));
                    assert.deepEqual(containers(third), ["two", "three"]);
                    const { annotations, uid } = third.metadata as { annotations: Properties; uid: string };
                    assert.equal(annotations.mine, undefined);
                    assert.equal(uid, (first.metadata as Properties).uid);
                    // The deployment controller's own, which no program has given.
                    assert.ok(annotations["deployment.kubernetes.io/revision"]);
                });

                it("waits until what it deletes is gone, dependents and all", async () => {
                    const urn = "urn:pulumi:dev::test::kubernetes:apps/v1:Deployment::x";
                    const labels = { a: "gone" };
                    const inputs = {
                        apiVersion: "apps/v1",
                        kind: "Deployment",
                        metadata: {
                            name: "gone",
                            namespace: "default",
                            annotations: { "pulumi.com/skipAwait": "true" },
                        },
                        spec: {
                            selector: { matchLabels: labels },
                            template: { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } },
                        },
                    };
                    const properties = toStruct(stateOf(await create("apps/v1:Deployment", inputs)));
                    const deletion = new DeleteRequest().setUrn(urn).setId("default/gone").setProperties(properties);
                    const { error } = await ask<Empty>((callback) => host.client.delete(deletion, callback));
                    assert.equal(error, undefined);
                    const read = new ReadRequest().setUrn(urn).setId("default/gone").setProperties(properties);
                    const { answer } = await ask<ReadResponse>((callback) => host.client.read(read, callback));
                    assert.equal(answer?.getId(), "");
                });

                it("waits for a Deployment, and keeps it in the state if it does not become ready", async () => {
                    const labels = { a: "c" };
                    const inputs = {
                        apiVersion: "apps/v1",
                        kind: "Deployment",
                        metadata: {
                            name: "e",
                            namespace: "default",
                            annotations: { "pulumi.com/timeoutSeconds": "1" },
                        },
                        spec: {
                            selector: { matchLabels: labels },
                            template: { metadata: { labels }, spec: { containers: [{ name: "x", image: "x" }] } },
                        },
                    };
                    host.takeLogs();
                    const { error } = await create("apps/v1:Deployment", inputs);
                    assert.match(error?.error ?? "", /was successfully created, but .* timed out waiting to be Ready/);
                    assert.match(JSON.stringify(host.takeLogs()), /Waiting for app ReplicaSet/);
                });

                it("keeps all data of a Secret secret", async () => {
                    const metadata = { name: "s", namespace: "default" };
                    const inputs = { apiVersion: "v1", kind: "Secret", metadata, stringData: { a: "hush" } };
                    const state = stateOf(await create("core/v1:Secret", inputs));
                    assert.ok(!JSON.stringify({ ...state, data: "", __inputs: "" }).includes("aHVzaA"));
                    const key = "4dabf18193072939515e22adb298388d";
                    assert.ok((state.data as Properties)[key] && revealAll(state).data);
                    assert.ok(((state.__inputs as Properties).stringData as Properties)[key]);
                });

                it("makes objects of a kind that is defined in the same update", async () => {
                    const crd = {
                        apiVersion: "apiextensions.k8s.io/v1",
                        kind: "CustomResourceDefinition",
                        metadata: { name: "backups.example.com" },
                        spec: {
                            group: "example.com",
                            scope: "Cluster",
                            names: { plural: "backups", singular: "backup", kind: "Backup" },
                            versions: [
                                {
                                    name: "v1",
                                    served: true,
                                    storage: true,
                                    schema: {
                                        openAPIV3Schema: {
                                            type: "object",
                                            "x-kubernetes-preserve-unknown-fields": true,
                                        },
                                    },
                                },
                            ],
                        },
                    };
                    const metadata = { name: "b", namespace: "default" };
                    const inputs = { apiVersion: "example.com/v1", kind: "Backup", metadata, spec: { to: "x" } };
                    const early = create("example.com/v1:Backup", inputs);
                    stateOf(await create("apiextensions.k8s.io/v1:CustomResourceDefinition", crd));
                    const { answer, error } = await early;
                    assert.equal(answer?.getId(), "b", error?.error);
                    const missing = { ...inputs, apiVersion: "example.com/v1", kind: "Restore" };
                    const { error: refused } = await create("example.com/v1:Restore", missing);
                    assert.match(refused?.error ?? "", /Verify that any required CRDs have been created/);
                });
            });
        }
    }
});
