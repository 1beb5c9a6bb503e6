/** `npm run bench`: what the component costs and gains beside what people do without it. */
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { byHand } from "./by-hand";
import type { Contender } from "./contender";
import { measureGrowth } from "./growth";
import { measureKill } from "./kill";
import { measureNoOp } from "./no-op";
import { ours } from "./ours";
import { writePage } from "./page";
import { measurePreview } from "./preview";
import { type Measured, nothingMeasured, type Results } from "./results";
import { measureRotation, type Pace, quick as quickPace, rotationSeconds } from "./rotation";
import { measureRotator } from "./rotator";
import { script } from "./script";
import { openStage, type Stage } from "./stage";
import { measureStatus } from "./status";
import { comparison, growthHead, growthRows } from "./table";

const clustersOfStatus = 100;

const help = `npm run bench [-- --quick] [-- --runs N]

Measures, in one run on this machine, against the local AKS, four ways to rotate: az and kubectl in a script; a Pulumi
program by hand; the same with clusterIdentifier; the component. They take turns. Then growth up to 100 clusters, the
rotator alone, and status over 100 clusters (light backend). Writes docs/performance.md and its charts. Takes three
quarters of an hour, and wants a machine that does nothing else.

  --runs N   how often each is measured; default 5
  --quick    one run, without what takes long, and writes nothing; within 5 minutes, where all tools are there

  npm run bench -- --quick`;

/** What is measured, how often and for how long. */
interface Plan {
    runs: number;
    /** Of each run, the first is 0; Azure sends no Retry-After. */
    silent: ((run: number) => Pace) | undefined;
    /** The same, where it does. */
    told: (run: number) => Pace;
    growth: number[];
    plainNoOp: boolean;
    leftOut: string[];
}

/**
 * How often az looks where Azure does not tell it when to, as AKS does not; and the shortest Retry-After of Azure, of
 * which https://learn.microsoft.com/rest/api/hdinsight/asynchronous-operations--202-accepted-and-location-header- tells.
 */
const [azEvery, toldEvery] = [30, 10];

const full = (runs: number): Plan => ({
    runs,
    silent: (run) => ({ rotationSeconds: rotationSeconds(azEvery, 0, run, runs), retryAfterSeconds: undefined }),
    told: (run) => ({ rotationSeconds: rotationSeconds(toldEvery, 1, run, runs), retryAfterSeconds: toldEvery }),
    growth: [1, 10, 50, 100],
    plainNoOp: true,
    leftOut: [],
});

const quickly: Plan = {
    runs: 1,
    silent: undefined,
    told: () => ({ rotationSeconds: 5, retryAfterSeconds: 2 }),
    growth: [1, 5],
    plainNoOp: false,
    leftOut: [
        "--quick: rotations where Azure sends no Retry-After; az then looks every 30 s",
        "--quick: more than one run of each, so that minimum, median and maximum are one figure",
        "--quick: growth beyond 5 clusters",
        "--quick: an up that changes nothing beside a plain Provider",
    ],
};

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            runs: { type: "string", default: "5" },
            quick: { type: "boolean", default: false },
            help: { type: "boolean", short: "h" },
        },
    });
    if (values.help) {
        console.log(help);
        return;
    }
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1) {
        throw new Error(`--runs is "${values.runs}", but must be a whole number, 1 or more.`);
    }
    const plan = values.quick ? quickly : full(runs);
    await using stage = await openStage((line) => console.error(line));
    const results = await measureAll(stage, plan);
    tell(results);
    if (values.quick) {
        console.log("\nLeft out:");
        results.leftOut.forEach((line) => void console.log(`  ${line}`));
    } else {
        writePage(results);
        console.log("docs/performance.md and its charts are written.");
    }
}

async function measureAll(stage: Stage, plan: Plan): Promise<Results> {
    const all = [script(stage.az, stage.kubectl), byHand(false, stage.az), byHand(true, stage.az), ours];
    const contenders = all.map((contender) => ({ contender, measured: nothingMeasured() }));
    const able = contenders.filter(({ contender }) => contender.missing === undefined);
    const refs = new Map(
        await inTurn(able, async ({ contender }) => [contender, await stage.addCluster(contender.word)] as const),
    );
    const ref = (contender: Contender) => refs.get(contender) ?? { resourceGroup: "", name: "" };
    const { runs } = plan;
    const say = (what: string, run: number, word: string) => stage.progress(`${what}, run ${run} of ${runs}: ${word}`);

    for (let run = 1; run <= runs; run++) {
        for (const { contender, measured } of able) {
            if (plan.silent) {
                say("A rotation without Retry-After", run, contender.word);
                measured.silent.push(await measureRotation(stage, contender, ref(contender), plan.silent(run - 1)));
            }
            say("A rotation with Retry-After", run, contender.word);
            measured.told.push(await measureRotation(stage, contender, ref(contender), plan.told(run - 1)));
        }
    }
    for (let run = 1; run <= runs; run++) {
        for (const { contender, measured } of able) {
            say("A kill in mid rotation", run, contender.word);
            measured.kills.push(await measureKill(stage, contender, ref(contender)));
        }
    }
    await measureStill(stage, able, ref, plan);
    const growth = [];
    for (const clusters of plan.growth) {
        const figures = [];
        for (let run = 1; run <= runs; run++) {
            say("Growth", run, `${clusters} clusters`);
            figures.push(await measureGrowth(stage, clusters));
        }
        growth.push(figures);
    }
    const noOp = plan.plainNoOp ? await measureNoOp(stage, runs) : undefined;
    stage.progress("The rotator alone");
    const rotator = await measureRotator(stage, runs);
    const clusters = clustersOfStatus;
    const status = { ...(await measureStatus(clusters, runs, stage.progress)), clusters };
    const missing = all.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`]));
    return {
        contenders,
        growth,
        noOp,
        rotator,
        status,
        leftOut: [...missing, ...plan.leftOut],
        runs,
        made: madeHere(stage, plan),
    };
}

/** Previews and ups that change nothing, in turn, each at a stack that stays. */
async function measureStill(
    stage: Stage,
    able: readonly { contender: Contender; measured: Measured }[],
    ref: (contender: Contender) => { resourceGroup: string; name: string },
    { runs }: Plan,
): Promise<void> {
    await using trials = new AsyncDisposableStack();
    const open = await inTurn(able, async ({ contender, measured }) => {
        stage.control.set(ref(contender), quickPace);
        return { measured, word: contender.word, trial: trials.use(await contender.open(stage, ref(contender))) };
    });
    for (let run = 1; run <= runs; run++) {
        for (const { measured, word, trial } of open) {
            stage.progress(`A preview, and an up that changes nothing, run ${run} of ${runs}: ${word}`);
            const shown = await measurePreview(trial);
            if (shown) {
                measured.previews.push(shown);
            }
            const began = performance.now();
            await trial.noOp?.();
            if (trial.noOp) {
                measured.noOps.push((performance.now() - began) / 1000);
            }
        }
    }
}

async function inTurn<T, R>(things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
    const results: R[] = [];
    for (const thing of things) {
        results.push(await work(thing));
    }
    return results;
}

function madeHere({ pulumi, az, kubectl, plugins }: Stage, plan: Plan): string[] {
    const [cpu] = cpus();
    const standIns = plugins.map(
        ({ name, version, official }) => `${name} ${version}${official ? "" : " (a stand-in)"}`,
    );
    return [
        `${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
        `Pulumi ${pulumi.version}, Node.js ${process.versions.node}, plugins ${standIns.join(", ")}`,
        `Azure CLI ${az?.version ?? "none"}, kubectl ${kubectl === undefined ? "none" : "from PATH"}`,
        ...(plan.silent
            ? [`without Retry-After, a rotation takes ${lengths(plan.silent, plan.runs)} s at the server`]
            : []),
        `with a Retry-After of ${plan.told(0).retryAfterSeconds} s, it takes ${lengths(plan.told, plan.runs)} s`,
    ];
}

function lengths(pace: (run: number) => Pace, runs: number): string {
    return Array.from({ length: runs }, (_, run) =>
        pace(run).rotationSeconds.toLocaleString("en", { maximumFractionDigits: 1 }),
    ).join(", ");
}

function tell(results: Results): void {
    const { head, rows } = comparison(results);
    const print = (columns: string[], lines: string[][]) => {
        const table = new Table({
            head: columns,
            style: { head: [], border: [] },
            wordWrap: true,
            colWidths: columns.map(() => 34),
        });
        table.push(...lines);
        console.log(table.toString());
    };
    print(head, rows);
    print(growthHead, growthRows(results));
    const { residentMb, steps } = results.rotator;
    console.log(
        `Rotator: ${steps.token.ms.median.toFixed(0)} ms to its first connection (bare Node.js ${steps.bare.ms.median.toFixed(0)}), ${residentMb.median.toFixed(0)} MB while it waits.`,
    );
    const { clusters, seconds, peakMb } = results.status;
    console.log(`status over ${clusters} clusters: ${seconds.median.toFixed(1)} s, ${peakMb.median.toFixed(0)} MB.`);
    for (const line of results.made) {
        console.log(line);
    }
}

main().then(
    () => process.exit(0),
    (error: Error) => {
        console.error(error.stack);
        process.exit(1);
    },
);
