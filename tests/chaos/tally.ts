import { table } from "../support/page-section";
import type { Made } from "../support/reliability-page";
import { victimNames } from "../support/victims";
import type { Run } from "./run";
import type { Word } from "./worker";

const tellEveryMs = 20_000;

/** Counts what came of the runs, and tells it from time to time. */
export class Tally {
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
            const end = word.killed ? word.outcome : "was done before";
            const what = `${word.run.victim}|${end}`;
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
            console.log(`  ${count} × ${what.replace("|", ": ")}`);
        }
        console.log(`Seed ${this.seed}, ${Math.round((performance.now() - this.began) / 1000)} s.`);
    }

    /** What came of it, as a section of docs/reliability.md. */
    section(made: Made): string {
        const outcomes = [...new Set([...this.outcomes.keys()].map((key) => key.split("|")[1] ?? ""))].sort();
        const rows = victimNames.map((victim) => [
            victim,
            ...outcomes.map((outcome) => String(this.outcomes.get(`${victim}|${outcome}`) ?? 0)),
        ]);
        return (
            `Run on ${made.day} with ${made.with}: ${this.done} runs, ${this.failed} failed. ` +
            `Again: \`npm run test:chaos -- --runs ${this.done} --seed ${this.seed}\`.\n\n` +
            table(["killed", ...outcomes], rows)
        );
    }
}
