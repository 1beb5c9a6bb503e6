/** `npm run test:chaos`: kills `up`s at random moments, and looks that each is one rotation all the same. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exitOnInterrupt } from "../../rehearsal/exit-on-interrupt";
import { getPulumi } from "../../toolchain/pulumi";
import { countRepeats, madeHere, reportFolder, writeSection } from "../support/reliability-page";
import { type Run, sampleRuns } from "./run";
import { Tally } from "./tally";
import type { Word } from "./worker";

interface Settings {
    runs: number;
    seed: number;
    only: number | undefined;
    jobs: number;
    page: boolean;
}

function wholeNumber(name: string, text: string | undefined, least: number): number {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least) {
        throw new Error(`--${name} is "${text}", but must be a whole number, ${least} or more.`);
    }
    return number;
}

function readSettings(): Settings {
    const { values } = parseArgs({
        options: {
            runs: { type: "string", default: "50" },
            seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
            only: { type: "string" },
            jobs: { type: "string", default: "2" },
            page: { type: "boolean", default: false },
        },
    });
    if (values.page && values.only !== undefined) {
        throw new Error("--page tells of all runs of a seed, and --only plays one: give one of the two.");
    }
    return {
        runs: wholeNumber("runs", values.runs, 1),
        seed: wholeNumber("seed", values.seed, 0),
        only: values.only === undefined ? undefined : wholeNumber("only", values.only, 1),
        jobs: wholeNumber("jobs", values.jobs, 1),
        page: values.page,
    };
}

async function main(): Promise<number> {
    const settings = readSettings();
    const { runs, seed, only, jobs, page } = settings;
    await getPulumi(console.log);
    const report = reportFolder();
    const tally = new Tally(only === undefined ? runs : 1, seed);
    const next = only === undefined ? drawer(runs, seed, tally) : once(sampleRuns(only, seed).at(-1));
    console.log(`${tally.wanted} kills of seed ${seed}, ${jobs} at a time.`);
    exitOnInterrupt();
    await Promise.all(Array.from({ length: jobs }, () => work(next, tally)));
    tally.tellEnd();
    const repeats = countRepeats(report);
    if (page && tally.isComplete) {
        writeSection("chaos", tally.section(await madeHere(), repeats));
        console.log("docs/reliability.md is written.");
    }
    console.log(`${tally.passed} passed, ${tally.failed} failed, ${repeats} run again`);
    return tally.isComplete ? 0 : 1;
}

/** Hands out the runs of a seed until so many kills are done or under way: a run whose `up` ended before is no kill. */
function drawer(kills: number, seed: number, tally: Tally): () => Run | undefined {
    const all = sampleRuns(kills * 3, seed);
    let drawn = 0;
    return () => {
        const underWay = drawn - tally.done;
        return tally.killed + tally.failed + underWay < kills ? all[drawn++] : undefined;
    };
}

function once(run: Run | undefined): () => Run | undefined {
    let rest = run;
    return () => {
        const given = rest;
        rest = undefined;
        return given;
    };
}

/** Has one worker play runs until there are none left. */
function work(next: () => Run | undefined, tally: Tally): Promise<void> {
    const worker: ChildProcess = fork(join(__dirname, "worker.ts"), {
        execArgv: ["--require", "ts-node/register/transpile-only"],
    });
    let current: Run | undefined;
    let isDismissed = false;
    return new Promise((resolve) => {
        worker.on("message", (word: Word) => {
            if ("run" in word) {
                tally.count(word);
            }
            current = next();
            if (current === undefined) {
                isDismissed = true;
                worker.disconnect();
            } else {
                worker.send(current);
            }
        });
        worker.once("exit", (code) => {
            if (!isDismissed) {
                tally.lose(current, `the worker ended (exit code ${code})`);
            }
            resolve();
        });
    });
}

main().then(
    (code) => process.exit(code),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
