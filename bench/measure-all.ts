import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { type Attempt, attempts } from "./attempt";
import { byHand } from "./by-hand";
import type { Contender, Trial } from "./contender";
import { Fleet } from "./growth";
import { measureKill } from "./kill";
import { loadNow, madeWith } from "./made-with";
import { measureNoOp } from "./no-op";
import { ours } from "./ours";
import { atOnce, inTurn, type Plan, timeIsUp } from "./plan";
import { measurePreview } from "./preview";
import { type Measured, nothingMeasured, type Results } from "./results";
import { measureRotation } from "./rotation";
import { measureRotator } from "./rotator";
import { script } from "./script";
import { StackTrial } from "./stack-trial";
import type { Stage } from "./stage";
import { measureStatus } from "./status";

interface Entrant {
    contender: Contender;
    measured: Measured;
    ref: ClusterRef;
}

/**
 * Measures all of a plan. What fails is left out, with the reason: a long run is not lost for it.
 *
 * @param seconds how long it has all taken so far
 */
export async function measureAll(stage: Stage, plan: Plan, seconds: () => number): Promise<Results> {
    const { runs, clustersOfStatus: clusters } = plan;
    const made = await madeWith(stage, plan);
    const leftOut = [...plan.leftOut];
    const attempt = attempts(stage.progress, leftOut, () => timeIsUp(plan, seconds()));
    // First, while few processes run: nothing else is measured in milliseconds.
    const rotator = await attempt("The rotator alone", () => measureRotator(stage, runs));
    const status = await attempt(`status over ${clusters} clusters`, () =>
        measureStatus(clusters, runs, stage.progress),
    );
    const contenders = [script(stage.az, stage.kubectl), byHand(false, stage.az), byHand(true, stage.az), ours].map(
        (contender) => ({ contender, measured: nothingMeasured() }),
    );
    const entrants: Entrant[] = [];
    for (const { contender, measured } of contenders) {
        if (contender.missing === undefined) {
            const ref = await attempt(`A cluster for ${contender.name}`, () => stage.addCluster(contender.word));
            entrants.push(...(ref ? [{ contender, measured, ref }] : []));
        } else {
            leftOut.push(`${contender.name}: ${contender.missing}`);
        }
    }
    for (let run = 0; run < runs; run++) {
        for (const entrant of inTurn(entrants, run)) {
            await measureRotations(stage, plan, entrant, run, attempt);
        }
    }
    const plainNoOps: Results["plainNoOps"] = [];
    await attempt("Runs that rotate nothing", () => measureStill(stage, entrants, plainNoOps, runs, attempt));
    const growth: Results["growth"] = [];
    await attempt("Growth", () => measureGrowth(stage, plan, growth, attempt));
    made.push(`when it ended, of its own too: ${loadNow()}`);
    return { contenders, plainNoOps, growth, rotator, status: status && { ...status, clusters }, leftOut, runs, made };
}

async function measureRotations(
    stage: Stage,
    { runs, silent, told }: Plan,
    { contender, measured, ref }: Entrant,
    run: number,
    attempt: Attempt,
): Promise<void> {
    const named = (what: string) => `${what}, run ${run + 1} of ${runs}: ${contender.name}`;
    if (silent) {
        const rotate = () => measureRotation(stage, contender, ref, silent(run));
        measured.silent.push(await attempt(named("A rotation without Retry-After"), rotate));
    }
    const rotate = () => measureRotation(stage, contender, ref, told(run));
    measured.told.push(await attempt(named("A rotation with Retry-After"), rotate));
    const kill = () => measureKill(stage, contender, ref);
    measured.kills.push(await attempt(named("A kill in mid rotation"), kill));
}

/** Previews and runs that change nothing, each at a stack that stays; also of a program that knows nothing of rotations. */
async function measureStill(
    stage: Stage,
    entrants: readonly Entrant[],
    plainNoOps: Results["plainNoOps"],
    runs: number,
    attempt: Attempt,
): Promise<void> {
    await using trials = new AsyncDisposableStack();
    const open: { name: string; trial: Trial; measured?: Measured }[] = [];
    const add = async (name: string, measured: Measured | undefined, opened: () => Promise<Trial>) => {
        const trial = await attempt(`Setting up ${name}`, opened);
        open.push(...(trial ? [{ name, trial: trials.use(trial), measured }] : []));
    };
    await add("a plain Provider", undefined, () => {
        const { resourceGroupName: resourceGroup, clusterName: name } = stage.cluster;
        const kubeconfig = stage.control.kubeconfig({ resourceGroup, name }, "user");
        return StackTrial.open(stage, "plain", { kubeconfig });
    });
    for (const { contender, measured, ref } of entrants) {
        await add(contender.name, measured, () => {
            stage.control.set(ref, atOnce);
            return contender.open(stage, ref);
        });
    }
    for (let run = 0; run < runs; run++) {
        for (const { name, trial, measured } of inTurn(open, run)) {
            const which = `run ${run + 1} of ${runs}: ${name}`;
            if (measured !== undefined && trial.preview) {
                measured.previews.push(await attempt(`A preview, ${which}`, () => measurePreview(trial)));
            }
            if (trial.again) {
                const noOp = await attempt(`An up that changes nothing, ${which}`, () => measureNoOp(trial));
                (measured?.noOps ?? plainNoOps).push(noOp);
            }
        }
    }
}

async function measureGrowth(
    stage: Stage,
    { growth, runs }: Plan,
    found: Results["growth"],
    attempt: Attempt,
): Promise<void> {
    await using fleets = new AsyncDisposableStack();
    const open: { fleet: Fleet; size: Results["growth"][number] }[] = [];
    for (const clusters of growth) {
        const fleet = await attempt(`Adopting ${clusters} clusters`, () => Fleet.open(stage, clusters));
        if (fleet) {
            const size = { clusters, runs: [] };
            found.push(size);
            open.push({ fleet: fleets.use(fleet), size });
        }
    }
    for (let run = 0; run < runs; run++) {
        for (const { fleet, size } of inTurn(open, run)) {
            const what = `Growth, run ${run + 1} of ${runs}: ${size.clusters} clusters`;
            size.runs.push(await attempt(what, () => fleet.rotate()));
        }
    }
}
