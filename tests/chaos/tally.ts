import { table } from "../support/page-section";
import type { Made } from "../support/reliability-page";
import { repeatsSentence } from "../support/until-begun";
import { victimNames } from "../support/victims";
import type { Run } from "./run";
import type { Word } from "./worker";

const tellEveryMs = 20_000;

/** Counts what came of the runs, and tells it from time to time. */
export class Tally {
    failed = 0;
    /** Runs that went well and in which somebody was killed. */
    killed = 0;
    /** All runs, also those whose `up` had ended before. */
    done = 0;
    private lost = false;
    private readonly outcomes = new Map<string, number>();
    private readonly began = performance.now();
    private tellAt = this.began + tellEveryMs;

    constructor(
        /** How many kills there are to be. */
        readonly wanted: number,
        private readonly seed: number,
    ) {}

    get passed(): number {
        return this.done - this.failed;
    }

    /** Whether all was done that was wanted, and went well. */
    get isComplete(): boolean {
        return this.failed === 0 && !this.lost && (this.killed >= this.wanted || this.wanted === 1);
    }

    count(word: Extract<Word, { run: Run }>): void {
        this.done += 1;
        if ("failure" in word) {
            this.fail(word.run, word.failure);
        } else {
            this.killed += word.killed ? 1 : 0;
            const what = `${word.run.victim}|${word.killed ? word.outcome : "nobody: done before"}`;
            this.outcomes.set(what, (this.outcomes.get(what) ?? 0) + 1);
        }
        if (performance.now() > this.tellAt) {
            this.tellAt = performance.now() + tellEveryMs;
            const each = (performance.now() - this.began) / Math.max(1, this.killed) / 60_000;
            const minutes = Math.ceil(each * (this.wanted - this.killed));
            console.log(`${this.killed} of ${this.wanted} kills, ${this.failed} failed; about ${minutes} min left`);
        }
    }

    /** A worker is gone, with the run that it had, if it had one. */
    lose(run: Run | undefined, reason: string): void {
        this.lost = true;
        if (run === undefined) {
            console.log(`\n${reason}, before it could play anything`);
        } else {
            this.done += 1;
            this.fail(run, reason);
        }
    }

    private fail({ number, ...run }: Run, failure: string): void {
        this.failed += 1;
        console.log(`\nRun ${number} failed: ${JSON.stringify(run)}\n${failure}`);
        console.log(`Again: npm run test:chaos -- --seed ${this.seed} --only ${number}\n`);
    }

    tellEnd(): void {
        for (const [what, count] of [...this.outcomes].sort()) {
            console.log(`  ${count} × ${what.replace("|", ": ")}`);
        }
        console.log(`Seed ${this.seed}, ${Math.round((performance.now() - this.began) / 1000)} s.`);
    }

    /**
     * What came of it, as a section of docs/reliability.md.
     *
     * @param repeats how many `up`s were run again: see until-begun.ts
     */
    section(made: Made, repeats: number): string {
        const outcomes = [...new Set([...this.outcomes.keys()].map((key) => key.split("|")[1] ?? ""))].sort();
        const rows = victimNames.map((victim) => [
            victim,
            ...outcomes.map((outcome) => String(this.outcomes.get(`${victim}|${outcome}`) ?? 0)),
        ]);
        return (
            `Run on ${made.day} with ${made.with}: ${this.killed} kills, ${this.failed} failed. ` +
            `Again: \`npm run test:chaos -- --runs ${this.wanted} --seed ${this.seed}\`. ` +
            `${repeatsSentence(repeats)} ` +
            "What came of them, by the record's outcome:\n\n" +
            table(["killed", ...outcomes], rows)
        );
    }
}
