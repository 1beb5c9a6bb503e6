import assert from "node:assert/strict";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

describe("a cluster that was deleted and created again under its name", function () {
    this.timeout(engineTimeoutMs);

    const warning = /warning: The cluster "blue" has been deleted and created again[\s\S]*pulumi up --refresh/;

    it("is warned of in a preview and in an up, and one that was only rotated is not", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        await scene.preview();
        await scene.up();
        assert.doesNotMatch(scene.shown, /warning/);
        await scene.control.recreate(scene.ref);
        await scene.preview();
        assert.match(scene.shown, warning);
        scene.shown = "";
        await scene.up();
        assert.match(scene.shown, warning);
        // Adopted, it is the cluster on record.
        await scene.up(2);
        scene.shown = "";
        await scene.up();
        assert.doesNotMatch(scene.shown, /warning/);
        assert.equal(scene.rotations, 0);
    });
});
