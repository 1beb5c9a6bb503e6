import { byHand } from "./by-hand";
import type { Contender, Trial } from "./contender";
import { Fleet } from "./growth";
import { measureKill } from "./kill";
import { madeWith } from "./made-with";
import { measureNoOp } from "./no-op";
import { ours } from "./ours";
import { atOnce, inTurn, type Plan } from "./plan";
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
    ref: { resourceGroup: string; name: string };
}

/** Measures all of a plan. What fails is left out, with the reason: a long run is not lost for it. */
export async function measureAll(stage: Stage, plan: Plan): Promise<Results> {
    const { runs } = plan;
    const leftOut = [...plan.leftOut];
    /** Undefined where it failed. */
    const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
        stage.progress(what);
        try {
            return await work();
        } catch (error) {
            const [reason] = (error as Error).message.split("\n");
            stage.progress(`Not measured: ${reason}`);
            leftOut.push(`${what}: ${reason}`);
            return undefined;
        }
    };
    // First, while few processes run: nothing else is measured in milliseconds.
    const rotator = await attempt("The rotator alone", () => measureRotator(stage, runs));
    const clusters = plan.clustersOfStatus;
    const cost = await attempt(`status over ${clusters} clusters`, () => measureStatus(clusters, runs, stage.progress));
    const contenders = [script(stage.az, stage.kubectl), byHand(false, stage.az), byHand(true, stage.az), ours];
    const entrants: Entrant[] = [];
    for (const contender of contenders) {
        if (contender.missing === undefined) {
            entrants.push({ contender, measured: nothingMeasured(), ref: await stage.addCluster(contender.word) });
        } else {
            leftOut.push(`${contender.name}: ${contender.missing}`);
        }
    }
    const named = (what: string, run: number, { contender }: Entrant) =>
        `${what}, run ${run + 1} of ${runs}: ${contender.name}`;
    for (let run = 0; run < runs; run++) {
        for (const entrant of inTurn(entrants, run)) {
            const { contender, measured, ref } = entrant;
            const { silent, told } = plan;
            if (silent) {
                const rotate = () => measureRotation(stage, contender, ref, silent(run));
                measured.silent.push(await attempt(named("A rotation without Retry-After", run, entrant), rotate));
            }
            const rotate = () => measureRotation(stage, contender, ref, told(run));
            measured.told.push(await attempt(named("A rotation with Retry-After", run, entrant), rotate));
            const kill = () => measureKill(stage, contender, ref);
            measured.kills.push(await attempt(named("A kill in mid rotation", run, entrant), kill));
        }
    }
    const plainNoOps = await measureStill(stage, entrants, runs, attempt);
    return {
        contenders: contenders.map((contender) => ({
            contender,
            measured: entrants.find((entrant) => entrant.contender === contender)?.measured ?? nothingMeasured(),
        })),
        plainNoOps,
        growth: await measureGrowth(stage, plan, attempt),
        rotator,
        status: cost && { ...cost, clusters },
        leftOut,
        runs,
        made: await madeWith(stage, plan),
    };
}

type Attempt = <T>(what: string, work: () => Promise<T>) => Promise<T | undefined>;

/** Previews and runs that change nothing, each at a stack that stays; tells those of a program without rotations. */
async function measureStill(
    stage: Stage,
    entrants: readonly Entrant[],
    runs: number,
    attempt: Attempt,
): Promise<Results["plainNoOps"]> {
    await using trials = new AsyncDisposableStack();
    const plainNoOps: Results["plainNoOps"] = [];
    const { cluster } = stage;
    const ref = { resourceGroup: cluster.resourceGroupName, name: cluster.clusterName };
    const plain = trials.use(
        await StackTrial.open(stage, "plain", { kubeconfig: stage.control.kubeconfig(ref, "user") }),
    );
    const open: { name: string; trial: Trial; measured?: Measured }[] = [{ name: "a plain Provider", trial: plain }];
    for (const { contender, measured, ref } of entrants) {
        stage.control.set(ref, atOnce);
        const trial = await attempt(`Setting up ${contender.name}`, () => contender.open(stage, ref));
        if (trial) {
            open.push({ name: contender.name, trial: trials.use(trial), measured });
        }
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
    return plainNoOps;
}

async function measureGrowth(stage: Stage, { growth, runs }: Plan, attempt: Attempt): Promise<Results["growth"]> {
    await using fleets = new AsyncDisposableStack();
    const open = [];
    for (const clusters of growth) {
        const fleet = await attempt(`Adopting ${clusters} clusters`, () => Fleet.open(stage, clusters));
        if (fleet) {
            open.push({ fleet: fleets.use(fleet), clusters, runs: [] as Results["growth"][number]["runs"] });
        }
    }
    for (let run = 0; run < runs; run++) {
        for (const { fleet, clusters, runs: found } of inTurn(open, run)) {
            found.push(await attempt(`Growth, run ${run + 1} of ${runs}: ${clusters} clusters`, () => fleet.rotate()));
        }
    }
    return open.map(({ clusters, runs }) => ({ clusters, runs }));
}
