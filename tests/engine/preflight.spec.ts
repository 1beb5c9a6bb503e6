import assert from "node:assert/strict";
import { rotateAction } from "../../azure/explain";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";
import { withEnvironment } from "../support/with-environment";

const budgets = [{ namespace: "shop", name: "front", disruptionsAllowed: 0 }];

describe("the preflight", function () {
    this.timeout(engineTimeoutMs);

    it("warns in a preview in which a rotation is pending, and fails no preview and touches nothing", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.denyActions([rotateAction]);
        scene.control.set(scene.ref, { disruptionBudgets: budgets });
        scene.control.clearRequests();
        await scene.preview(1);
        assert.doesNotMatch(scene.shown, /preflight finds/, "nothing is pending");
        assert.equal(scene.cluster.requests.permissions, undefined);
        await scene.preview(2);
        assert.match(scene.shown, /A rotation of blue may be pending, and its preflight finds/);
        assert.match(scene.shown, /blocks rights: the identity that signed in lacks/);
        assert.match(scene.shown, /warns disruptionBudgets: .*shop\/front/);
        assert.equal(scene.rotations, 0);
        scene.shown = "";
        scene.args = { ...scene.args, preflight: "off" };
        await scene.preview(2);
        assert.doesNotMatch(scene.shown, /preflight finds/);
    });

    it("is made in a preview with a sign-in that is an argument, by that sign-in, whose secret stays out of all", async () => {
        await using scene = await Scene.open({
            environment: { ARM_CLIENT_ID: "", ARM_CLIENT_SECRET: "", ARM_TENANT_ID: "" },
        });
        const { tenantId, environment } = scene.aks;
        const client = scene.control.addClient();
        scene.args = { ...scene.args, azure: { ...client, tenantId } };
        await scene.up(1);
        scene.control.denyActions([rotateAction], client.clientId);
        scene.control.clearRequests();
        const { ARM_METADATA_HOSTNAME, NODE_EXTRA_CA_CERTS } = environment;
        await withEnvironment({ ARM_METADATA_HOSTNAME, NODE_EXTRA_CA_CERTS }, () => scene.preview(2));
        assert.match(scene.shown, /blocks rights: the identity that signed in lacks/);
        assert.equal(scene.cluster.requests.permissions, 1);
        assert.ok(!`${scene.log}${await scene.files("state")}`.includes(client.clientSecret));
    });

    it("that warns is told while the rotation goes on, and one that gets no answer stops nothing", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.set(scene.ref, { disruptionBudgets: budgets });
        scene.control.addFault({
            match: { kind: "permissions" },
            action: { type: "answer", status: 403, code: "AuthorizationFailed", message: "No." },
            count: 0,
        });
        await scene.up(2);
        assert.equal(scene.rotations, 1);
        assert.match(scene.shown, /The preflight could not look: rights: it could not be looked at: No\./);
        assert.match(scene.shown, /The preflight warns: disruptionBudgets: .*shop\/front/);
    });
});
