import assert from "node:assert/strict";
import type { UpResult } from "@pulumi/pulumi/automation";
import program from "../../index";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

const config = { resourceGroupName: "group", clusterName: "blue" };

describe("the program, where its component gets another name", function () {
    this.timeout(2 * engineTimeoutMs);

    /** The program on a cluster with a real API server, up at generation 1 under the cluster's name. */
    async function open() {
        const scene = await Scene.open({ backend: "control-plane", program });
        const { stack } = scene.project;
        const set = async (values: Record<string, string>) => {
            for (const [key, value] of Object.entries(values)) {
                await stack.setConfig(`rehearsal:${key}`, { value });
            }
        };
        await set({ ...config, rotationGeneration: "1" });
        await scene.up();
        return { scene, set, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
    }

    /** What is in the world for a resource: by id, without those of plugins that the engine makes by itself. */
    async function ids(scene: Scene): Promise<string[]> {
        const { deployment } = await scene.project.stack.exportStack();
        const resources = deployment.resources as { urn: string; id?: string }[];
        return resources
            .filter(({ urn }) => !urn.includes("::default"))
            .flatMap(({ id }) => id ?? [])
            .sort();
    }

    const changes = ({ summary }: UpResult) => summary.resourceChanges;

    it("changes nothing with formerName, then or when that is removed, and rotates once where the generation is raised with it", async () => {
        await using opened = await open();
        const { scene, set } = opened;
        const before = await ids(scene);
        assert.equal(before.length, 4);

        await set({ name: "production", formerName: "blue" });
        assert.deepEqual((await scene.preview()).changeSummary, { same: 6 });
        assert.deepEqual(changes(await scene.up()), { same: 6 });
        await scene.project.stack.removeConfig("rehearsal:formerName");
        assert.deepEqual(changes(await scene.up()), { same: 6 });
        assert.equal(scene.rotations, 0);

        await set({ name: "other", formerName: "production", rotationGeneration: "2" });
        scene.shown = "";
        assert.deepEqual((await scene.preview()).changeSummary, { same: 3, update: 3 });
        assert.match(scene.shown, /Generation 1 → 2: this up rotates group\/blue/);
        assert.deepEqual(changes(await scene.up()), { same: 2, update: 4 });
        assert.equal(scene.rotations, 1);
        assert.deepEqual(await ids(scene), before);
    });

    it("would be five resources created and five deleted without formerName, and the preview says what that may be", async () => {
        await using opened = await open();
        const { scene, set } = opened;
        const before = await ids(scene);
        await set({ name: "production" });
        scene.shown = "";
        assert.deepEqual((await scene.preview()).changeSummary, { same: 1, create: 5, delete: 5 });
        assert.match(scene.shown, /If the component only has another name now, set formerName or an alias first/);
        // The record's ConfigMap is there already. Under the old name the stack is what it was, and can have the other one.
        assert.match(await scene.failure(scene.upOnce()), /"aks-certificate-rotation" already exists/);
        await set({ name: "blue" });
        await scene.up();
        assert.deepEqual(await ids(scene), before);
        await set({ name: "production", formerName: "blue" });
        assert.deepEqual(changes(await scene.up()), { same: 6 });
        assert.equal(scene.rotations, 0);
    });

    it("rotates nothing under the new name without formerName, and once in all where the old name comes back", async () => {
        await using opened = await open();
        const { scene, set } = opened;
        await set({ name: "production", rotationGeneration: "2" });
        const said = await scene.failure(scene.upOnce());
        assert.match(
            said,
            /the component is new[\s\S]*set the old one again and run pulumi up; then change it together with formerName/,
        );
        assert.equal(scene.rotations, 0);
        await set({ name: "blue" });
        await scene.up();
        assert.equal(scene.rotations, 1);
        await set({ name: "production", formerName: "blue" });
        assert.deepEqual(changes(await scene.up()), { same: 6 });
        assert.equal(scene.rotations, 1);
    });
});
