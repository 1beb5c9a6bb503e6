import assert from "node:assert/strict";
import { ComponentResource } from "@pulumi/pulumi";
import { CertificateRotation } from "../../components";
import { componentAlone } from "../support/program";
import { Scene } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** The announcement of an adoption. */
const adopts = (generation: number, cluster = "blue") =>
    `Generation ${generation}: this up adopts group/${cluster} as it is; nothing is rotated.`;

/** The same in a preview, which does not know whether the component is new. */
const mayAdopt = (generation: number, cluster = "blue") =>
    `${adopts(generation, cluster)} If the component only has another name now, set formerName or an alias first. ` +
    "With --replace, a raised generation is rotated.";

/** What previews and `up`s announce: the lines that begin with a generation, or warn of one. */
function announced(shown: string): string[] {
    return shown
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /^(info: )?Generation \d/.test(line) || /^warning: rotationGeneration is/.test(line));
}

describe("what an up will do", function () {
    this.timeout(engineTimeoutMs);

    /** What a preview announces, and then the `up`. */
    async function both(scene: Scene, generation?: number): Promise<[preview: string[], up: string[]]> {
        scene.shown = "";
        await scene.preview(generation);
        const preview = announced(scene.shown);
        scene.shown = "";
        await scene.up(generation);
        return [preview, announced(scene.shown)];
    }

    it("is announced by a preview and when the up begins: adopted, unchanged, rotated, and the settings alone", async () => {
        await using scene = await Scene.open();
        assert.deepEqual(await both(scene, 3), [[mayAdopt(3)], [adopts(3)]]);
        assert.deepEqual(await both(scene), [[], []]);

        const first = "Generation 3 → 4: this up rotates group/blue; up to 30 minutes.";
        assert.deepEqual(await both(scene, 4), [[first], [first]]);
        // Before the rotator has said anything of Azure.
        const said = scene.shown.indexOf("Asking Azure to rotate");
        assert.ok(said > 0 && scene.shown.indexOf(first) < said, scene.shown);

        const [[second = "", ...others], up] = await both(scene, 6);
        assert.match(second, /^Generation 4 → 6: this up rotates group\/blue; up to 30 minutes; last time \d+ s\.$/);
        assert.deepEqual([others, up], [[], [second]]);

        scene.args = { ...scene.args, verify: "bestEffort" };
        const settings = "Generation 6 is that of the record: this up rotates nothing of group/blue.";
        assert.deepEqual(await both(scene), [[settings], [settings]]);
        assert.equal(scene.rotations, 2);
    });

    it("is announced once where the generation is lowered", async () => {
        await using scene = await Scene.open();
        await scene.up(2);
        const lowered =
            "warning: rotationGeneration is 1, but this cluster has had 2 already: nothing is rotated. Raise it above 2 to rotate again.";
        assert.deepEqual(await both(scene, 1), [[lowered], [lowered]]);
        // As long as it is so.
        assert.deepEqual(await both(scene), [[lowered], [lowered]]);
        assert.equal(scene.rotations, 0);
    });

    it("is announced as unfinished where an earlier up has not finished it", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        scene.control.addFault({
            match: { kind: "rotateClusterCertificates" },
            action: { type: "answer", status: 400, code: "BadRequest", message: "No." },
        });
        await scene.failure(scene.up(2));
        const [[unfinished = "", ...others], up] = await both(scene);
        assert.match(
            unfinished,
            /^Generation 1 → 2, asked for since 20\S+Z and not finished: this up finishes the rotation of group\/blue, and starts it only if that has not been done; up to 30 minutes\.$/,
        );
        assert.deepEqual([others, up], [[], [unfinished]]);
        assert.equal(scene.rotations, 1);
    });

    it("is announced as an adoption where the cluster was created again", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.control.recreate(scene.ref);
        const adoptsOther =
            "Generation 1 → 2, but the record is not of this cluster: this up adopts group/blue as it is. Nothing is rotated.";
        assert.deepEqual(await both(scene, 2), [[adoptsOther], [adoptsOther]]);
        assert.equal(scene.rotations, 0);
    });

    it("is a rotation where others have rotated the cluster meanwhile", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        await scene.control.rotateBySomebodyElse(scene.ref).finished;
        const rotates = "Generation 1 → 2: this up rotates group/blue; up to 30 minutes.";
        assert.deepEqual(await both(scene, 2), [[rotates], [rotates]]);
        assert.equal(scene.rotations, 2);
    });

    it("needs nothing of the program where that does not run: refresh and destroy", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const { deployment } = await scene.project.stack.exportStack();
        assert.match(JSON.stringify(deployment), /"resourceHooks":\{"BeforeCreate":\["[^"]*announcement"\]/);
        scene.shown = "";
        await scene.project.stack.refresh();
        await scene.project.stack.destroy();
        const { deployment: empty } = await scene.project.stack.exportStack();
        assert.deepEqual(empty.resources ?? [], []);
    });

    it("changes nothing in a stack that was made without it", async () => {
        await using scene = await Scene.open();
        await scene.up(1);
        const { stack } = scene.project;
        const exported = await stack.exportStack();
        for (const resource of exported.deployment.resources as { resourceHooks?: unknown }[]) {
            delete resource.resourceHooks;
        }
        await stack.importStack(exported);
        assert.doesNotMatch(JSON.stringify(await stack.exportStack()), /resourceHooks/);
        assert.deepEqual((await scene.preview()).changeSummary, { same: 4 });
        assert.deepEqual((await scene.up()).summary.resourceChanges, { same: 4 });
        assert.match(JSON.stringify(await stack.exportStack()), /resourceHooks/);
    });

    it("is announced for each of two components that have the same name under different parents", async () => {
        await using scene = await Scene.open({
            program: async (args) => {
                const under = (type: string) => ({ parent: new ComponentResource(`example:index:${type}`, "parent") });
                await componentAlone(args, under("One"));
                const { rotationGeneration } = args;
                const green = { resourceGroupName: "group", clusterName: "green", rotationGeneration };
                new CertificateRotation("cluster", green, under("Other"));
            },
        });
        await scene.aks.addCluster({ resourceGroup: "group", name: "green", backend: "light" });
        const [preview, up] = await both(scene, 1);
        const each = (line: typeof adopts) => [line(1, "blue"), line(1, "green")];
        assert.deepEqual([preview.sort(), up.sort()], [each(mayAdopt), each(adopts)]);
    });
});
