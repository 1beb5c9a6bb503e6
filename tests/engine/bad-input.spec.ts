import assert from "node:assert/strict";
import { Provider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { type CertificateRotationArgs, kubernetesProvider } from "../../components";
import { componentAlone } from "../support/program";
import { CliProject, componentModule } from "../support/pulumi-cli";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** Asserts that an error has the words of this project alone: none of the SDK's before them, and no stack trace. */
function assertPlain(failed: string, what: string): void {
    const [, diagnostics = failed] = failed.split(/^Diagnostics:$/m);
    assert.doesNotMatch(diagnostics, /error serializing property|invocation of|request failed/, what);
    assert.doesNotMatch(diagnostics, /unhandled exception|^\s+at .+:\d+:\d+/im, what);
    // The Automation API reports what an inline program throws more than once.
    const errors = new Set(diagnostics.match(/^\s*error: .*/gm));
    assert.equal(errors.size, 1, `${what}:\n${diagnostics}`);
}

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
        [
            "a generation that is too large",
            { rotationGeneration: 2 ** 53 },
            /rotationGeneration is 9007199254740992, but must be at most 9007199254740991\./,
        ],
        ["an empty name", { clusterName: "" }, /clusterName is "", but must be a name\./],
        [
            "a name that is no text",
            { resourceGroupName: ["group"] },
            /resourceGroupName is \["group"\], but must be a name/,
        ],
        [
            "an id that is empty",
            { resourceGroupName: undefined, clusterName: undefined, clusterId: "" },
            /clusterId: "" is no ARM id/,
        ],
        [
            "a word that there is not",
            { verify: "nope" },
            /verify is "nope", but must be one of required, bestEffort, off\./,
        ],
        [
            "an unknown cluster",
            { clusterName: "red" },
            /error: cluster: There is no cluster "red" in resource group "group" \(Azure: ResourceNotFound\)\. Check clusterName/,
        ],
        [
            "a cluster of Azure Arc",
            { clusterName: "edge" },
            /There is no cluster "edge"[\s\S]*"edge" in resource group "group" is a cluster that Azure Arc has connected/,
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
            /error: cluster: There is no resource group "none" in subscription \S+ \(Azure: ResourceGroupNotFound\)\. Check resourceGroupName/,
        ],
        [
            "an unknown subscription",
            { subscriptionId: "00000000-0000-4000-8000-00000000dead" },
            /error: cluster: There is no subscription \S+ \(Azure: SubscriptionNotFound\), or not for this sign-in\. Check subscriptionId/,
        ],
    ];

    it("is refused by a preview, before anything is touched, with what would be right", async () => {
        await using scene = await Scene.open();
        const { args } = scene;
        scene.control.addResource("Microsoft.Kubernetes/connectedClusters", { resourceGroup: "group", name: "edge" });
        scene.control.addResource("Microsoft.ContainerService/fleets", { resourceGroup: "group", name: "hub" });
        await scene.aks.addCluster({ resourceGroup: "fl_group_fleet_westeurope", name: "hub", backend: "light" });
        for (const [what, wrong, message] of wrongArguments) {
            const later = Object.entries(wrong).map(([key, value]) => [key, value && pulumi.output(value)]);
            for (const [how, own] of [
                ["plain", wrong],
                ["an output", Object.fromEntries(later)],
            ]) {
                scene.args = { ...args, ...own } as CertificateRotationArgs;
                const failed = await scene.failure(scene.preview());
                assert.match(failed, message, `${what}, ${how}`);
                assertPlain(failed, `${what}, ${how}`);
                assert.doesNotMatch(failed, /preflight finds/, `${what}, ${how}: it repeats the error`);
            }
        }
        assert.equal(scene.rotations, 0);
        const kinds = new Set(scene.control.requests().map(({ method, kind }) => `${method} ${kind}`));
        assert.ok(!kinds.has("POST rotateClusterCertificates"), [...kinds].join());
    });

    it("such as no Azure credentials, or wrong ones, is refused by a preview, and said so", async () => {
        await using without = await Scene.open({ environment: { ARM_CLIENT_SECRET: "" } });
        const none = await without.failure(without.preview());
        assertPlain(none, "no credentials");
        assert.match(none, /There are no Azure credentials: set ARM_CLIENT_ID/);
        await using wrong = await Scene.open({ environment: { ARM_CLIENT_SECRET: "not-the-secret" } });
        const refused = await wrong.failure(wrong.preview());
        assertPlain(refused, "wrong credentials");
        assert.match(
            refused,
            /AADSTS7000215[\s\S]*in tenant [\da-f-]{36}\. What is in ARM_CLIENT_SECRET \(or clientSecret\) is not a secret/,
        );
    });

    it("such as a missing right to read the credentials is refused by a preview, with the RBAC actions", async () => {
        await using scene = await Scene.open();
        scene.control.denyActions(["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"]);
        const refused = await scene.failure(scene.preview());
        assertPlain(refused, "a missing right");
        assert.match(
            refused,
            /error: cluster: Azure answered 403 AuthorizationFailed: [\s\S]*listClusterUserCredential\/action[\s\S]*rotateClusterCertificates\/action/,
        );
    });

    it("such as a provider for another subscription, or a kubeconfig that is none, is refused by a preview", async () => {
        const subscriptionId = "00000000-0000-4000-8000-00000000beef";
        let program = (args: CertificateRotationArgs): object =>
            componentAlone({ ...args, subscriptionId }, { providers: [new Provider("azure")] });
        await using scene = await Scene.open({ program: async (args) => program(args) });
        const other = await scene.failure(scene.preview());
        assertPlain(other, "another subscription");
        assert.match(
            other,
            /error: cluster: subscriptionId is \S+beef, but the azure-native provider of the component is for/,
        );
        program = () =>
            kubernetesProvider("mine", { kubeconfig: pulumi.output("no"), clusterIdentifier: pulumi.output("no") }).id;
        const none = await scene.failure(scene.preview());
        assert.match(none, /error: mine: "kubeconfig" of the arguments is not the kubeconfig of an AKS cluster/);
        assert.match(none, /error: mine: "clusterIdentifier" of the arguments must be the ARM id of the cluster/);
        assert.doesNotMatch(none, /error serializing property|unhandled exception/i);
    });

    it("such as a cluster that another stack has not is reported once, though each input of the provider lacks it", async () => {
        const program = `
            import * as pulumi from "@pulumi/pulumi";
            import { kubernetesProvider } from ${componentModule};
            const stack: any = { name: pulumi.output("organization/platform/dev"), outputs: pulumi.output({ clusters: {} }) };
            kubernetesProvider("mine", { stack, cluster: "blue" });
        `;
        const environment = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
        await using project = await CliProject.open({ environment, files: { "index.ts": program } });
        await project.succeed("pulumi stack init dev");
        const { output } = await project.run("pulumi preview --color never");
        const [, diagnostics = ""] = output.split(/^Diagnostics:$/m);
        assert.deepEqual(diagnostics.match(/(?<=error: ).*/g), [
            'mine: The output "clusters" of stack "organization/platform/dev" has no cluster "blue". It has none.',
        ]);
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
