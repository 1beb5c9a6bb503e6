import assert from "node:assert/strict";
import { join } from "node:path";
import type { CertificateRotationArgs } from "../../components";
import { openProject } from "../../rehearsal/project";
import { assertNoSecrets, withoutAnswers } from "../support/leaks";
import { protectedComponent } from "../support/program";
import { recordOf, withoutRecords } from "../support/scene";
import { standing } from "../support/standing";
import { textsUnder } from "../support/texts";
import { asked } from "../support/told";
import { engine } from "../support/tools";
import { faults, type Trial } from "../support/trial";
import { untilBegun } from "../support/until-begun";
import { byRotator, pointNamed } from "./points";

const request = { ...byRotator, kind: "rotateClusterCertificates" } as const;
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
        // What a pipeline does by itself, or who reads this: it finds that all is done.
        const before = requests(trial);
        const { outcome } = await trial.succeeds();
        assert.equal(outcome, "rotated", "the winner's record");
        assert.match(trial.last?.stdout ?? "", /Resources:\s+\d+ unchanged\s+Duration/);
        assert.deepEqual(requests(trial), before, "requests to rotate");
        return saw;
    });

    const either = { outcome: ["rotated", "found rotated"] } as const;
    fault("two stacks", "ask Azure to rotate one cluster at the same moment", either, async (trial) => {
        await using other = await otherStack(trial);
        const { scene } = trial;
        const before = requests(trial).length;
        const held = scene.control.addFault({ match: request, action: { type: "hold", when: "before" }, count: 2 });
        const both = Promise.all([trial.succeeds(), other.up(2)]);
        const early = both.then(() => assert.fail("both have ended, and have not asked at the same moment"));
        await Promise.race([scene.control.struck(held, 2), early]);
        assert.equal(scene.cluster.operationId, undefined, "nothing has begun");
        scene.control.release(held);
        const [ours, { outputs }] = await both;
        const theirs = recordOf(outputs);
        const statuses = requests(trial).slice(before);
        assert.deepEqual(statuses.sort(), [202, 409], "Azure's answers");
        assert.deepEqual([ours.outcome, theirs.outcome].sort(), ["found rotated", "rotated"]);
        assert.deepEqual(theirs.caAfter, ours.caAfter);
        await other.assertNoSecrets();
        const refused = /Azure does not start a rotation now: [^\n.]*\./;
        return ours.outcome === "rotated" ? other.read(refused) : trial.read(refused);
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
        await other.assertNoSecrets();
        return other.read(/A rotation is under way that this run has not started[^.\n]*\./);
    });

    fault("two stacks", "one raises its generation, the other does not", {}, async (trial) => {
        await using other = await otherStack(trial);
        const { caAfter } = await trial.succeeds();
        const { outputs } = await other.up(1);
        assert.equal(recordOf(outputs).outcome, "adopted");
        assert.deepEqual(outputs.caFingerprints?.value, caAfter, "the credentials are those of today");
        await other.assertNoSecrets();
        return "";
    });
});

/** Azure's answers to the requests to rotate, of whatever stack. */
function requests({ scene }: Trial): number[] {
    return scene.control.requests(scene.ref).flatMap(({ kind, status }) => (kind === request.kind ? [status] : []));
}

/** A second stack that manages the same cluster, and has adopted it at generation 1. */
async function otherStack({ scene }: Trial) {
    // All that the engine says, with all that it logs; and what of it is for the user.
    const said = { out: "", err: "" };
    const shown = () => withoutRecords(Object.values(said).join("\n").split("\n")).join("\n");
    let heard = () => {};
    const listener = (stream: keyof typeof said) => (text: string) => {
        said[stream] += text;
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
            () =>
                stack.up({ onOutput: listener("out"), onError: listener("err"), logToStdErr: true, logVerbosity: 11 }),
            () => standing({ directory }),
        );
    };
    await up(1);
    return {
        up,
        /** Settles when this has been said. */
        said: (what: RegExp) =>
            new Promise<void>((resolve) => {
                heard = () => what.test(shown()) && resolve();
                heard();
            }),
        read: (what: RegExp) => what.exec(shown())?.[0] ?? assert.fail(`the user has not read ${what}`),
        /** Asserts that no secret is anywhere that this stack has written. */
        async assertNoSecrets() {
            assert.ok(said.err.length > 0, "the engine has logged");
            assertNoSecrets(scene, {
                "other engine's log": withoutAnswers(Object.values(said).join("\n")),
                "other engine's output": shown(),
                "other stack's state": await textsUnder(join(directory, "state")),
                "other stack's temporary files": await textsUnder(join(directory, "tmp")),
            });
        },
        [Symbol.asyncDispose]: close,
    };
}
