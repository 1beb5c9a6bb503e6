import assert from "node:assert/strict";
import { openProject } from "../../rehearsal/project";
import { componentAlone } from "../support/program";
import { recordOf } from "../support/scene";
import { engine } from "../support/tools";
import { faults, type Trial } from "../support/trial";
import { points } from "./points";

const rotating = points.find(({ name }) => name === "while Azure rotates") ?? assert.fail();

faults("Two at once", { rotationSeconds: 1 }, (fault) => {
    fault("two pipelines", "on one stack", {}, async (trial) => {
        const { scene, generation } = trial;
        const held = rotating.prepare(scene);
        const first = trial.succeeds();
        trial.follow((await held.reached("engine")).all);
        const second = await scene.upApart(generation);
        trial.follow([second.pid]);
        const message = (await second.ended) ?? assert.fail("the second one was expected to fail");
        held.release();
        await first;
        return /the stack is currently locked[^\n]*/.exec(message)?.[0] ?? assert.fail(message);
    });

    fault("two stacks", "both raise their generation for one cluster", {}, async (trial) => {
        await using other = await otherStack(trial);
        const { scene } = trial;
        const held = rotating.prepare(scene);
        const first = trial.succeeds();
        trial.follow((await held.reached("engine")).all);
        held.release();
        await first;
        return "";
    });
});

/** A second stack that manages the same cluster. */
async function otherStack({ scene }: Trial) {
    const project = await openProject({
        ...(await engine()),
        name: "other",
        environment: scene.aks.environment,
        program: async () => componentAlone(scene.args),
    });
    await project.stack.up();
    return project;
}

export { recordOf };
