/** `npm run test:chaos`: kills `up`s at random moments, and looks that each is one rotation all the same. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exitOnInterrupt } from "../../rehearsal/exit-on-interrupt";
import { getPulumi } from "../../toolchain/pulumi";
import { type Run, sampleRuns } from "./run";
import type { Word } from "./worker";

const help = `npm run test:chaos [-- --runs N] [--seed S] [--only K] [--jobs J]

Raises a generation N times on a local AKS with a light backend, with a true pulumi up that is killed at a random
moment: its rotator, its plugin, its engine, its process group or all of it. A second up follows at once. Of each run the
count of rotations is checked, the record, and that no secret is in the state, the most verbose log or temporary files.

  --runs N   default 50
  --seed S   the same seed has the same runs; default: a new one, which is printed
  --only K   only run K of the seed
  --jobs J   how many at a time; default 2

Ends with a line "N passed, N failed". Exit code 0 only if none failed.`;

interface Settings {
    runs: number;
    seed: number;
    only: number | undefined;
    jobs: number;
}

function wholeNumber(name: string, text: string | undefined, least: number): number {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least) {
        throw new Error(`--${name} is "${text}", but must be a whole number, ${least} or more.`);
    }
    return number;
}

function readSettings(): Settings | undefined {
    const { values } = parseArgs({
        options: {
            runs: { type: "string", default: "50" },
            seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
            only: { type: "string" },
            jobs: { type: "string", default: "2" },
            help: { type: "boolean", short: "h" },
        },
    });
    return values.help
        ? undefined
        : {
              runs: wholeNumber("runs", values.runs, 1),
              seed: wholeNumber("seed", values.seed, 0),
              only: values.only === undefined ? undefined : wholeNumber("only", values.only, 1),
              jobs: wholeNumber("jobs", values.jobs, 1),
          };
}

async function main(): Promise<number> {
    const settings = readSettings();
    if (settings === undefined) {
        console.log(help);
        return 0;
    }
    const { runs, seed, only, jobs } = settings;
    await getPulumi(console.log);
    const todo = sampleRuns(Math.max(runs, only ?? 0), seed).filter(
        ({ number }) => only === undefined || number === only,
    );
    console.log(`${todo.length} runs of seed ${seed}, ${jobs} at a time.`);
    const tally = new Tally(todo.length, seed);
    exitOnInterrupt();
    await Promise.all(Array.from({ length: Math.min(jobs, todo.length) }, () => work(todo, tally)));
    tally.tellEnd();
    return tally.failed > 0 ? 1 : 0;
}

/** Has one worker play runs until there are none left. */
function work(todo: Run[], tally: Tally): Promise<void> {
    const worker: ChildProcess = fork(join(__dirname, "worker.ts"), {
        execArgv: ["--require", "ts-node/register/transpile-only"],
    });
    let current: Run | undefined;
    return new Promise((resolve) => {
        worker.on("message", (word: Word) => {
            if ("run" in word) {
                tally.count(word);
            }
            current = todo.shift();
            if (current === undefined) {
                worker.disconnect();
            } else {
                worker.send(current);
            }
        });
        worker.once("exit", (code) => {
            if (current !== undefined) {
                tally.count({ run: current, failure: `the worker ended (exit code ${code})`, ready: true });
            }
            resolve();
        });
    });
}

const tellEveryMs = 20_000;

/** Counts what came of the runs, and tells it from time to time. */
class Tally {
    failed = 0;
    private done = 0;
    private readonly outcomes = new Map<string, number>();
    private readonly began = performance.now();
    private tellAt = this.began + tellEveryMs;

    constructor(
        private readonly all: number,
        private readonly seed: number,
    ) {}

    count(word: Extract<Word, { run: Run }>): void {
        this.done += 1;
        if ("failure" in word) {
            this.failed += 1;
            const { number, ...run } = word.run;
            console.log(`\nRun ${number} failed: ${JSON.stringify(run)}\n${word.failure}`);
            console.log(`Again: npm run test:chaos -- --seed ${this.seed} --only ${number}\n`);
        } else {
            const what = `${word.killed ? "killed" : "done before it could be killed"}, ${word.outcome}`;
            this.outcomes.set(what, (this.outcomes.get(what) ?? 0) + 1);
        }
        if (performance.now() > this.tellAt) {
            this.tellAt = performance.now() + tellEveryMs;
            const minutes = ((performance.now() - this.began) / this.done / 60_000) * (this.all - this.done);
            console.log(
                `${this.done} of ${this.all} runs, ${this.failed} failed; about ${Math.ceil(minutes)} min left`,
            );
        }
    }

    tellEnd(): void {
        for (const [what, count] of [...this.outcomes].sort()) {
            console.log(`  ${count} × ${what}`);
        }
        console.log(`Seed ${this.seed}, ${Math.round((performance.now() - this.began) / 1000)} s.`);
        console.log(`${this.done - this.failed} passed, ${this.failed} failed`);
    }
}

main().then(
    (code) => process.exit(code),
    (error: Error) => {
        console.error(error.message);
        process.exit(1);
    },
);
