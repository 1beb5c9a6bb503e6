import assert from "node:assert/strict";
import { parseIntent } from "../../formats/intent";
import type { FaultAction } from "../../rehearsal/local-aks/fault";
import { anyRuns, until } from "../support/processes";
import { readState } from "../support/state-file";
import { asked, type Told } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { victims } from "../support/victims";
import { byRotator } from "./points";

const cluster = { ...byRotator, kind: "getCluster" } as const;
const hang: FaultAction = { type: "hang", when: "after" };

/** What a run tells whose time is over. */
function late(lastSeen: string, cluster: RegExp): Told {
    return {
        happened: new RegExp(
            `The rotation of blue was not complete within 6 s \\(timeout\\)\\. Last seen: ${lastSeen}[^\\n]*`,
        ),
        cluster,
        todo: /Run pulumi up again to wait on, with a longer timeout if need be: a rotation that is under way or has happened is not started a second time\./,
        state: asked,
    };
}

const rotating = /provisioning state: RotatingClusterCertificates, seen so by this run for \d+ s/;

faults("A deadline", { rotationSeconds: 1 }, (fault) => {
    fault("timeout", "a rotation is stuck", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { rotationSeconds: 10_000 });
        const told = late("The cluster is RotatingClusterCertificates", rotating);
        const { saw, message } = await timed(trial, { timeout: "6s" }, 6, told);
        await assertFacts(trial, message, [
            `operation id: ${scene.cluster.operationId}`,
            /correlation id: [\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/,
            /accepted: \d{4}-\d\d-\d\dT[\d:.]+Z \(UTC\)/,
        ]);
        await scene.control.endOperation(scene.ref, "Succeeded");
        await trial.succeeds();
        return saw;
    });
    fault(
        "timeout",
        "a rotation is stuck, in the up after a killed one",
        { outcome: "found rotated" },
        async (trial) => {
            const { scene } = trial;
            scene.control.set(scene.ref, { rotationSeconds: 10_000 });
            const killed = await trial.begins();
            await trial.said(/The cluster is RotatingClusterCertificates/, killed);
            const { cast } = scene;
            trial.follow(cast.all);
            victims["the rotator"].kill(cast);
            await killed.fails({
                happened: victims["the rotator"].reads,
                cluster: { earlier: /Azure has accepted the rotation[^\n]*\. It goes on by itself/ },
                todo: { earlier: /the next pulumi up picks it up and does not rotate a second time/ },
                state: asked,
            });
            const { operationId, id } = scene.cluster;
            // Where the next run says that it is to be found.
            trial.read(new RegExp(`Azure has accepted the rotation \\(operation ${operationId}\\)`));
            trial.turnPage();
            const told = late("The cluster is RotatingClusterCertificates", rotating);
            const { saw, message } = await timed(trial, { timeout: "6s" }, 6, told);
            await assertFacts(trial, message, [
                "operation id: not known to this run: an earlier one, or somebody else, started it",
                `where to find it: az monitor activity-log list --resource-id ${id.toLowerCase()} --offset 7d; ` +
                    'or the output of the run that started it ("Azure has accepted the rotation")',
            ]);
            await scene.control.endOperation(scene.ref, "Succeeded");
            await trial.succeeds();
            return saw;
        },
    );
    fault("timeout", "a look hangs", { outcome: "found rotated" }, async (trial) => {
        trial.breaks({ match: cluster, action: hang, skip: 4 });
        const { saw } = await timed(trial, { timeout: "6s" }, 6, late("The cluster is RotatingClusterCerti", rotating));
        await trial.succeeds();
        return saw;
    });
    fault("timeout", "the POST hangs, and was handled", { outcome: "found rotated" }, async (trial) => {
        trial.breaks({ match: { ...byRotator, kind: "rotateClusterCertificates" }, action: hang });
        const told = late("Azure did not answer the request to rotate", /provisioning state: \w+, seen so by this run/);
        const { saw } = await timed(trial, { timeout: "6s" }, 6, told);
        await trial.succeeds();
        return saw;
    });
    fault("timeout", "the API server never answers", { outcome: "found rotated" }, async (trial) => {
        const match = { kind: "apiServerConnection" } as const;
        const { scene } = trial;
        const id = scene.control.addFault({ match: { ...cluster }, action: { type: "hold", when: "after" }, skip: 4 });
        const told = late("", /provisioning state: \w+, seen so by this run/);
        const failing = timed(trial, { timeout: "6s" }, 6, told);
        await scene.control.struck(id);
        trial.breaks({ match, action: { type: "hang", when: "before" }, count: 0 });
        scene.control.release(id);
        const { saw } = await failing;
        trial.mends();
        await trial.succeeds();
        return saw;
    });
    for (const [name, kind, told] of [
        [
            "the cloud's metadata",
            "metadata",
            {
                ...late("", /never/),
                happened: /The cloud's metadata cannot be read[^\n]*/,
                cluster: /Nothing was rotated by this run; how the cluster stands could not be found out\./,
                todo: /then run pulumi up again\.\s[\s\S]*Check ARM_METADATA_HOSTNAME, HTTPS_PROXY and NO_PROXY/,
            },
        ],
        ["the token", "token", late("asking Azure for the cluster", /provisioning state: not seen by this run/)],
    ] as const) {
        fault("timeout", `${name} never comes`, {}, async (trial) => {
            const match = { ...byRotator, kind };
            const id = trial.breaks({ match, action: { ...hang, when: "before" }, count: 0, skip: 1 });
            const { saw } = await timed(trial, { timeout: "6s" }, 6, told, id);
            trial.mends();
            await trial.succeeds();
            return saw;
        });
    }
    fault("settleTimeout", "the credentials never follow", { outcome: "found rotated" }, async (trial) => {
        const { scene } = trial;
        scene.control.set(scene.ref, { credentialsLagSeconds: 10, rotationSeconds: 1 });
        const { saw } = await timed(trial, { settleTimeout: "3s" }, 4, {
            happened: /The cluster[^\n]*has been rotated[^\n]*/,
            cluster: /provisioning state: Succeeded, seen so by this run/,
            todo: /Run pulumi up again later, with a longer settleTimeout if need be; it does not rotate a second time\./,
            state: asked,
        });
        await trial.succeeds();
        return saw;
    });
});

/** Asserts that an error has, each on a line of its own, what is known of a stuck rotation at any rate, and these facts. */
async function assertFacts({ scene, generation }: Trial, message: string, own: (string | RegExp)[]): Promise<void> {
    const { id, resourceUID } = scene.cluster;
    const { resources } = await readState(scene.project);
    const { outputs } = resources.find(({ urn }) => urn.endsWith("::cluster-intent")) ?? assert.fail("no intent");
    const { askedAt } = parseIntent(String(outputs?.stdout));
    const lines = message.split("\n").map((line) => line.trim());
    for (const fact of [
        `cluster: ${id.toLowerCase()}`,
        `resourceUID: ${resourceUID}`,
        `generation ${generation}: asked for since ${askedAt} (UTC)`,
        /provisioning state: RotatingClusterCertificates, seen so by this run for \d+ s/,
        ...own,
    ]) {
        const is = typeof fact === "string" ? (line: string) => line === fact : whole(fact);
        assert.ok(lines.some(is), `no line is "${fact}", but:\n${message}`);
    }
}

/** Whether a line is this and nothing else. */
function whole({ source }: RegExp): (line: string) => boolean {
    const pattern = new RegExp(`^${source}$`);
    return (line) => pattern.test(line);
}

/**
 * An `up` that must fail by its deadline.
 *
 * @param from fault that strikes early in the life of its rotator. Default: at its first look
 */
async function timed(
    trial: Trial,
    args: object,
    seconds: number,
    told: Told,
    from?: number,
): Promise<{ saw: string; message: string }> {
    const { scene } = trial;
    scene.args = { ...scene.args, ...args };
    const firstLook = { match: cluster, action: { type: "delay", seconds: 0 }, skip: 1 } as const;
    const begun = from ?? scene.control.addFault(firstLook);
    const failing = await trial.begins();
    await scene.control.struck(begun);
    const { rotator, all } = scene.cast;
    trial.follow(all);
    const at = performance.now();
    await until("the end of the rotator", () => !anyRuns([rotator]));
    const took = (performance.now() - at) / 1000;
    // To the second by the rotator's own clock is for the unit tests: here it had begun before, and ps is asked.
    assert.ok(took > seconds - 2 && took < seconds + 4, `the rotator ended after ${took} s`);
    const saw = await failing.fails(told);
    scene.args = { ...scene.args, timeout: "60m", settleTimeout: "20s" };
    return { saw, message: await failing.ended };
}
