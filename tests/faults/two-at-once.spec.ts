import assert from "node:assert/strict";
import type { CertificateRotationArgs } from "../../components";
import { openProject } from "../../rehearsal/project";
import { protectedComponent } from "../support/program";
import { recordOf } from "../support/scene";
import { standing } from "../support/standing";
import { asked } from "../support/told";
import { engine } from "../support/tools";
import { faults, type Trial } from "../support/trial";
import { untilBegun } from "../support/until-begun";
import { pointNamed } from "./points";

const rotating = pointNamed("while Azure rotates");

faults("Two at once", { rotationSeconds: 1 }, (fault) => {
    fault("two pipelines", "run up on one stack", {}, async (trial) => {
        const { scene, generation } = trial;
        const held = rotating.prepare(scene);
        const first = trial.succeeds();
        trial.follow((await held.reached("engine")).all);
        const second = await scene.upApart(generation);
        trial.follow([second.pid]);
        const message = (await second.ended) ?? assert.fail("the second one was expected to fail");
        // The state is the first one's, which is at work.
        const saw = await trial.told(message, {
            happened: /the stack is currently locked by 1 lock\(s\)/,
            cluster: { untold: "Pulumi stops before anybody looks at the cluster" },
            todo: /wait for the other process\(es\) to end or delete the lock file with `pulumi cancel`/,
            state: { ...asked, pending: 1 },
        });
        held.release();
        await first;
        return saw;
    });

    fault("two stacks", "raise their generation for one cluster at a time", {}, async (trial) => {
        await using other = await otherStack(trial);
        const { scene } = trial;
        const held = rotating.prepare(scene);
        // It ends when the second one has seen it, however long that one takes to begin.
        scene.control.set(scene.ref, { rotationSeconds: 600 });
        const first = trial.succeeds();
        trial.follow((await held.reached("engine")).all);
        const second = other.up(2);
        await Promise.race([
            other.said(/A rotation is under way that this run has not started/),
            second.then(() => assert.fail("the second one has ended, and has not seen the first one's rotation")),
        ]);
        await scene.control.endOperation(scene.ref, "Succeeded");
        held.release();
        const record = recordOf((await second).outputs);
        assert.equal(record.outcome, "found rotated");
        assert.deepEqual(record.caAfter, (await first).caAfter);
        return other.read(/A rotation is under way that this run has not started[^.\n]*\./);
    });

    fault("two stacks", "one raises its generation, the other does not", {}, async (trial) => {
        await using other = await otherStack(trial);
        const { caAfter } = await trial.succeeds();
        const { outputs } = await other.up(1);
        assert.equal(recordOf(outputs).outcome, "adopted");
        assert.deepEqual(outputs.caFingerprints?.value, caAfter, "the credentials are those of today");
        return "";
    });
});

/** A second stack that manages the same cluster, and has adopted it at generation 1. */
async function otherStack({ scene }: Trial) {
    let log = "";
    let heard = () => {};
    const onOutput = (text: string) => {
        log += text;
        heard();
    };
    let args: CertificateRotationArgs = { ...scene.args, rotationGeneration: 1 };
    const { stack, directory, close } = await openProject({
        ...(await engine()),
        name: "other",
        environment: scene.aks.environment,
        program: async () => protectedComponent(args),
    });
    const up = (rotationGeneration: number) => {
        args = { ...args, rotationGeneration };
        return untilBegun(
            () => stack.up({ onOutput }),
            () => standing({ directory }),
        );
    };
    await up(1);
    return {
        up,
        /** Settles when this has been said. */
        said: (what: RegExp) =>
            new Promise<void>((resolve) => {
                heard = () => what.test(log) && resolve();
                heard();
            }),
        read: (what: RegExp) => what.exec(log)?.[0] ?? assert.fail(`the user has not read ${what}`),
        [Symbol.asyncDispose]: close,
    };
}
