import assert from "node:assert/strict";
import { CertificateRotation } from "../../components";
import { clusterId } from "../../formats/cluster-id";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("one cluster under two names in a program", function () {
    this.timeout(engineTimeoutMs);

    it("is refused before anything is touched, in a preview and in an up, also where only one is a target", async () => {
        let second: "other case" | "by id" | "by a later id" | undefined;
        await using scene = await Scene.open({
            program: async (args) => {
                const { subscriptionId } = scene.aks;
                const first = new CertificateRotation("first", args);
                const { resourceGroupName: _group, clusterName: _name, clusterId: _id, ...rest } = args;
                const id = clusterId(subscriptionId, "Group", "Blue").toUpperCase();
                switch (second) {
                    case "other case":
                        new CertificateRotation("second", { ...rest, resourceGroupName: "GROUP", clusterName: "BLUE" });
                        break;
                    case "by id":
                        new CertificateRotation("second", { ...rest, clusterId: id });
                        break;
                    case "by a later id":
                        new CertificateRotation("second", { ...rest, clusterId: first.clusterIdentifier });
                        break;
                    default:
                }
                return { rotation: first.rotation };
            },
        });
        await scene.up(1);
        scene.control.clearRequests();
        for (second of ["other case", "by id", "by a later id"] as const) {
            const says = /second: the cluster \S*group\/\S*blue is that of the component "first" of this program/;
            scene.shown = "";
            assert.match(await scene.failure(scene.preview(2)), says);
            scene.args = { ...scene.args, rotationGeneration: 2 };
            const target = "urn:pulumi:dev::rehearsal::aks-certificate-rotation:index:CertificateRotation::second";
            const up = scene.project.stack.up({ target: [target], targetDependents: true });
            assert.match(await scene.failure(up), says);
            assert.match(await scene.failure(scene.upOnce(2)), says);
            // Nothing but the component itself, which is nothing outside of the state.
            assert.doesNotMatch(scene.shown, /(Command|providers)\S* \S+ (creat|updat)/);
        }
        assert.equal(scene.rotations, 0);
        second = undefined;
        await scene.up(2);
        assert.equal(scene.rotations, 1);
    });
});
