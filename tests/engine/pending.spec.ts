import assert from "node:assert/strict";
import { Provider } from "@pulumi/azure-native/provider";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { componentAlone } from "../support/program";
import { recordOf, Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("what a first preview cannot know", function () {
    this.timeout(engineTimeoutMs);

    it("is all of Azure, where the program makes the azure-native provider's service principal", async () => {
        let withSubscription = false;
        await using scene = await Scene.open({
            environment: { ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "", ARM_TENANT_ID: "" },
            program: async (args) => {
                const { tenantId, clientId, environment, subscriptionId } = scene.aks;
                const create = `echo ${environment.ARM_CLIENT_SECRET}`;
                const made = new local.Command("secret", { create }, { additionalSecretOutputs: ["stdout"] });
                const provider = new Provider("azure", {
                    tenantId,
                    clientId,
                    subscriptionId,
                    clientSecret: made.stdout,
                });
                return componentAlone(
                    { ...args, ...(withSubscription && { subscriptionId }) },
                    { providers: [provider] },
                );
            },
        });
        for (withSubscription of [false, true]) {
            scene.shown = "";
            assert.equal((await scene.preview(1)).changeSummary.create, 6);
            assert.doesNotMatch(scene.shown, /warning|error/i);
        }
        assert.equal(recordOf((await scene.up(1)).outputs).outcome, "adopted");
        assert.equal(recordOf((await scene.up(2)).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
    });

    type After = (made: local.Command) => pulumi.ResourceOptions;
    const ways: Record<string, After> = {
        "a Command": (made) => ({ dependsOn: made }),
        "a Command, as its parent": (made) => ({ parent: made }),
        "a component with a Command in it": (made) => {
            const around = new pulumi.ComponentResource("test:index:Around", "around");
            new local.Command("inner", { create: "true" }, { parent: around, dependsOn: made });
            return { dependsOn: around };
        },
        "what is known only after another resource": (made) => ({ dependsOn: made.stdout.apply(() => made) }),
        "a remote component, as the engine hands it on": (made) => ({
            dependsOn: made.urn.apply((urn) => new pulumi.DependencyResource(urn)),
        }),
    };
    for (const [what, way] of Object.entries(ways)) {
        it(`is a cluster that is made by ${what}`, async () => {
            await using scene = await Scene.open({
                args: { clusterName: "green" },
                program: async (args) => componentAlone(args, way(new local.Command("made", { create: "echo green" }))),
            });
            await scene.preview(1);
            assert.doesNotMatch(scene.shown, /warning|error|dependsOn/i);
            await scene.aks.addCluster({ resourceGroup: "group", name: "green", backend: "light" });
            assert.equal(recordOf((await scene.up(1)).outputs).outcome, "adopted");
        });
    }

    it("is named with what it depends on, where that has made no such cluster", async () => {
        await using scene = await Scene.open({
            args: { clusterName: "green" },
            program: async (args) => componentAlone(args, { dependsOn: new local.Command("made", { create: "true" }) }),
        });
        const failure = await scene.failure(scene.up(1));
        assert.match(failure, /no cluster "green"/i);
        assert.doesNotMatch(failure, /give it `dependsOn/);
    });
});
