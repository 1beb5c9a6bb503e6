import assert from "node:assert/strict";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation, kubernetesProvider } from "../../components";
import { readObject } from "../../rehearsal/access";
import { downstreamOf } from "../../rehearsal/downstream";
import { shopUnder } from "../../rehearsal/shop";
import { assertNoSecrets } from "../support/leaks";
import { Scene } from "../support/scene";
import { standing } from "../support/standing";
import { engineTimeoutMs } from "../support/tools";
import { untilBegun } from "../support/until-begun";

describe("a stack that only uses the cluster", function () {
    this.timeout(engineTimeoutMs);

    it("moves its provider to the new certificates in place, and is refused by the API server until it has", async () => {
        await using scene = await Scene.open({
            backend: "control-plane",
            program: async (args) => {
                const { kubeconfig, clusterIdentifier } = new CertificateRotation("cluster", args);
                return { kubeconfig, clusterIdentifier, clusters: { blue: { kubeconfig, clusterIdentifier } } };
            },
        });
        await using user = await scene.openBeside("shop", async () => {
            const stack = new pulumi.StackReference("organization/rehearsal/dev");
            shopUnder(kubernetesProvider("cluster", { stack }));
            const ofFleet = kubernetesProvider("of-fleet", { stack, cluster: "blue", namespace: "default" });
            new ConfigMap("of-fleet", { data: { currency: "EUR" } }, { provider: ofFleet });
        });

        // Before there is anything to refer to.
        const early = await scene.failure(user.stack.preview());
        assert.match(early, /organization\/rehearsal\/dev/);

        const saved = String((await scene.up(1)).outputs.kubeconfig?.value);
        await untilBegun(
            () => user.stack.up(),
            () => standing(scene.project),
        );
        const before = await downstreamOf(user.stack, (object) => readObject(saved, object));
        assert.equal(before.length, 5);
        assertNoSecrets(scene, { "state of both": await scene.files("state") });

        const current = String((await scene.up(2)).outputs.kubeconfig?.value);
        assert.notEqual(current, saved);
        const refused = /x509: certificate signed by unknown authority/;
        assert.match(await scene.failure(user.stack.refresh()), refused);
        // A preview asks the other stack for its outputs, and so has the new kubeconfig already.
        assert.deepEqual((await user.stack.preview()).changeSummary, { same: 6, update: 2 });
        const { summary } = await untilBegun(
            () => user.stack.up(),
            () => standing(scene.project),
        );
        assert.deepEqual(summary.resourceChanges, { same: 6, update: 2 });
        assert.deepEqual(await downstreamOf(user.stack, (object) => readObject(current, object)), before);
        await user.stack.refresh();
        assert.equal(scene.rotations, 1);
    });
});
