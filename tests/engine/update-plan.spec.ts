import assert from "node:assert/strict";
import { join } from "node:path";
import { CertificateRotation, type CertificateRotationArgs } from "../../components";
import { assertNoSecrets } from "../support/leaks";
import { componentAlone } from "../support/program";
import { recordOf, Scene, type SceneOptions } from "../support/scene";
import { engineTimeoutMs } from "../support/tools";

/** The component with its provider, and all its outputs as a stack exports them. */
async function withProvider(args: CertificateRotationArgs) {
    const rotation = new CertificateRotation("cluster", args);
    rotation.makeProvider();
    const { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates } = rotation;
    return { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates, rotation: rotation.rotation };
}

describe("an update plan", function () {
    this.timeout(engineTimeoutMs);

    const open = async (program: SceneOptions["program"] = withProvider) => {
        const scene = await Scene.open({ program });
        const plan = join(scene.project.directory, "plan.json");
        const hear = (text: string) => {
            scene.log += text;
        };
        const listeners = { onOutput: hear, onError: hear };
        return {
            scene,
            save: (generation: number) => {
                scene.args = { ...scene.args, rotationGeneration: generation };
                return scene.project.stack.preview({ plan, ...listeners });
            },
            up: () => scene.project.stack.up({ plan, diff: true, ...listeners }),
            [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
        };
    };

    it("holds where nothing is raised: the first up, and the next", async () => {
        await using planned = await open();
        const { scene } = planned;
        for (const _ of ["create", "same"]) {
            await planned.save(1);
            assert.equal(recordOf((await planned.up()).outputs).outcome, "adopted");
        }
        scene.args = { ...scene.args, timeout: "50m" };
        await planned.save(1);
        await planned.up();
        assert.equal(scene.rotations, 0);
    });

    it("is refused with a raised generation before anything is rotated; an up without it rotates once", async () => {
        await using planned = await open();
        const { scene } = planned;
        await scene.up(1);
        await planned.save(2);
        assert.match(scene.log, /warns updatePlan: an update plan cannot hold a rotation/);
        assert.match(await scene.failure(planned.up()), /no plan can hold a rotation[\s\S]*Nothing was rotated/);
        assert.equal(scene.rotations, 0);
        assert.equal(recordOf((await scene.up()).outputs).outcome, "rotated");
        assert.equal(scene.rotations, 1);
        await planned.save(2);
        await planned.up();
    });

    for (const [what, program] of [
        ["the provider", withProvider],
        ["a stack's outputs", componentAlone],
    ] as const) {
        it(`that is violated by new credentials shows no secret of ${what}`, async () => {
            await using planned = await open(program);
            const { scene } = planned;
            await scene.up(1);
            await planned.save(1);
            await scene.control.rotateBySomebodyElse(scene.ref).finished;
            const failure = await scene.failure(planned.up());
            assert.match(failure, /violates plan: properties changed/);
            assertNoSecrets(scene, { log: scene.log, failure, state: await scene.files("state") });
            // Without a plan it heals.
            await scene.up(1);
            await planned.save(1);
            await planned.up();
            assert.equal(scene.cluster.rotations.started, 1);
        });
    }
});
