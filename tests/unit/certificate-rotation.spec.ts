import assert from "node:assert/strict";
import { mock } from "node:test";
import { Provider as AzureProvider } from "@pulumi/azure-native/provider";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation } from "../../components";
import type { RotationRecord } from "../../formats/record";
import { type MockedRun, registered, subscriptionId } from "../support/component-mocks";

const args = { resourceGroupName: "group", clusterName: "blue", rotationGeneration: 1 };
const day = 86_400;
const expired = { ca: 400 * day, server: day, client: -3600 };

interface Inner<T> {
    promise(): Promise<T>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
}
const inner = <T>(output: pulumi.Output<T>) => output as unknown as Inner<T>;
const wait = <T>(output: pulumi.Output<T>) => inner(output).promise();

describe("the component", () => {
    afterEach(() => mock.restoreAll());

    it("gives out the credentials as a secret, and the record in clear; stderr of both Commands is a secret", async () => {
        const resources: string[][] = [];
        const look = async ({ kubeconfig, rotation, certificates, caCertificate }: CertificateRotation) => {
            assert.equal(await inner(kubeconfig).isSecret, true);
            for (const clear of [rotation, certificates, caCertificate]) {
                assert.equal(await inner(clear as pulumi.Output<unknown>).isSecret, false);
            }
            const { ca, client } = await wait(certificates);
            assert.equal(ca.length, 1);
            assert.match(client?.subject ?? "", /masterclient/);
        };
        const opts = () => ({
            transformations: [
                ({ type, opts }: pulumi.ResourceTransformationArgs) => {
                    if (type === "command:local:Command") {
                        resources.push((opts as pulumi.CustomResourceOptions).additionalSecretOutputs ?? []);
                    }
                    return undefined;
                },
            ],
        });
        const { "cluster-intent": intent, "cluster-rotation": rotation } = await registered(args, { look, opts });
        assert.deepEqual(resources, [["stderr"], ["stderr"]]);
        assert.deepEqual([intent?.create, intent?.update], ["snapshot", "snapshot"]);
        assert.deepEqual([rotation?.create, rotation?.update], ["adopt", "rotate"]);
    });

    it("leaves an expired kubeconfig unknown in a preview, and gives it out in an up", async () => {
        for (const preview of [true, false]) {
            const look = async ({ kubeconfig, caFingerprints }: CertificateRotation) => {
                assert.equal(await inner(kubeconfig).isKnown, !preview);
                assert.equal(await inner(caFingerprints).isKnown, true);
            };
            await registered(args, { preview, lifetimes: expired, look });
        }
    });

    it("fails where the record is lost, with the command that restores it", async () => {
        let message = "";
        const look = async ({ rotation }: CertificateRotation) => {
            message = await wait(rotation).then(String, (error: Error) => error.message);
        };
        await assert.rejects(registered(args, { printed: () => "", look }));
        assert.match(message, /The rotation record is lost[\s\S]*record restore --stack stack/);
    });

    it("refuses wrong arguments and sign-ins at once, and not inside of an output", async () => {
        let refused = 0;
        const look = async () => {
            for (const own of [{ verify: "sometimes" as never }, { azure: { password: "x" } as never }]) {
                assert.throws(() => new CertificateRotation("wrong", { ...args, ...own }), /^Error: wrong: /);
                refused++;
            }
        };
        await registered(args, { look });
        assert.equal(refused, 2);
    });

    it("leaves the credentials unknown in a preview where what it depends on may make the cluster", async () => {
        const listManagedClusterUserCredentials = () => {
            throw Object.assign(new Error(), { details: 'Status=404 Code="ResourceNotFound"' });
        };
        let known: boolean | undefined;
        const look = async ({ kubeconfig }: CertificateRotation) => {
            known = await inner(kubeconfig).isKnown;
        };
        const opts = () => ({ dependsOn: new local.Command("maker", { create: "true" }) });
        await registered(args, { answers: { listManagedClusterUserCredentials }, preview: true, opts, look });
        assert.equal(known, false);
    });

    it("has the same dependencies in a preview and in an up: the rotation is one of them", async () => {
        for (const preview of [true, false]) {
            let urns: string[] = [];
            const look = async ({ kubeconfig }: CertificateRotation) => {
                const all = await (
                    kubeconfig as unknown as { allResources(): Promise<Set<pulumi.Resource>> }
                ).allResources();
                urns = await Promise.all([...all].map(({ urn }) => wait(urn)));
            };
            await registered(args, { preview, look });
            assert.ok(
                urns.some((urn) => urn.endsWith("::cluster-rotation")),
                urns.join(),
            );
        }
    });

    it("has the API server's certificate of the record only while the CA is that of the record", async () => {
        const apiServer = {
            subject: "CN=apiserver",
            issuer: "CN=ca",
            expires: "2099-01-01T00:00:00Z",
            fingerprint: "F",
        };
        const printed = (own: Partial<RotationRecord>) => (record: RotationRecord) =>
            JSON.stringify({ ...record, apiServerCertificate: apiServer, ...own });
        const seen = async (own: Partial<RotationRecord>) => {
            let found: unknown;
            const look = async ({ certificates }: CertificateRotation) => {
                found = (await wait(certificates)).apiServer;
            };
            await registered(args, { printed: printed(own), look });
            return found;
        };
        assert.deepEqual(await seen({}), apiServer);
        assert.equal(await seen({ caBefore: ["another"], caAfter: ["yet another"] }), null);
    });

    it("reads the credentials of after the rotation in an up, and those of today in a preview", async () => {
        // The record says that the credentials of now are those of before: an up waits, and gives up.
        const printed = (record: RotationRecord) => JSON.stringify({ ...record, caAfter: ["another"] });
        const look = async ({ kubeconfig }: CertificateRotation) => {
            await wait(kubeconfig);
        };
        const run: MockedRun = { printed, look };
        await registered(args, { ...run, preview: true });
        const clock = mock.method(Date, "now");
        const began = Date.now();
        let asked = 0;
        clock.mock.mockImplementation(() => began + 100_000_000 * asked++);
        await assert.rejects(registered(args, run), /Azure gives the credentials of before again/);
    });

    it("warns of a generation that is lower than the one on record, and of none that is not", async () => {
        const warned = async (rotationGeneration: number) => {
            const warn = mock.method(pulumi.log, "warn", async () => {});
            const lifetimes = { ca: 400 * day, server: 400 * day, client: 400 * day };
            await registered({ ...args, rotationGeneration }, { lifetimes });
            const lines = warn.mock.calls.map((call) => String((call.arguments as unknown[])[0]));
            mock.restoreAll();
            return lines;
        };
        assert.match((await warned(0)).join(), /^rotationGeneration is 0, but this cluster has had 1 already/);
        assert.deepEqual(await warned(1), []);
        assert.deepEqual(await warned(2), []);
    });

    it("warns of certificates that expire soon", async () => {
        const warn = mock.method(pulumi.log, "warn", async () => {});
        await registered(args, { lifetimes: { ca: 400 * day, server: day, client: 10 * day } });
        assert.match(
            warn.mock.calls.map((call) => String((call.arguments as unknown[])[0])).join(),
            /client certificate/,
        );
    });

    it("refuses credentials of another subscription than its own", async () => {
        const other = "11111111-0000-4000-8000-000000000000";
        const answers = { getClientConfig: () => ({ subscriptionId: other }) };
        const says = /subscriptionId is 0000\S+, but the azure-native provider of the component is for 1111/;
        const look = async ({ kubeconfig }: CertificateRotation) => {
            await assert.rejects(wait(kubeconfig), says);
        };
        await registered({ ...args, subscriptionId }, { answers, look });
    });

    it("makes one Kubernetes provider, under itself, by its identifier and application", async () => {
        const serverApplicationId = "22222222-0000-4000-8000-000000000000";
        const parents: (string | undefined)[] = [];
        const look = async (component: CertificateRotation) => {
            const { provider } = component;
            assert.equal(component.provider, provider);
            assert.throws(() => component.makeProvider(), /The provider of cluster has been made already/);
            parents.push(await wait(provider.urn));
        };
        const { "cluster-provider": provider } = await registered({ ...args, serverApplicationId }, { look });
        assert.match(String(provider?.clusterIdentifier), /^\/subscriptions\/\S+\/managedclusters\/blue$/);
        assert.match(parents.join(), /CertificateRotation\$pulumi:providers:kubernetes::cluster-provider$/);
    });

    it("uses the azure-native provider that it is given, and makes none beside it", async () => {
        const opts = () => ({ providers: [new AzureProvider("own", { subscriptionId })] });
        const names = async (run: MockedRun) => Object.keys(await registered({ ...args, subscriptionId }, run));
        assert.ok((await names({})).includes("cluster-azure"));
        assert.ok(!(await names({ opts })).includes("cluster-azure"));
    });
});
