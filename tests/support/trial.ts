import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { UpResult } from "@pulumi/pulumi/automation";
import type { RotationRecord } from "../../formats/record";
import type { Fault as InjectedFault } from "../../rehearsal/local-aks/fault";
import { adopted } from "./adopted";
import { assertNoSecretsLeft, assertVerbose } from "./leaks";
import { anyRuns, send, until } from "./processes";
import { assertRecord, type Limit } from "./record-check";
import type { Row } from "./row";
import { recordOf, type Scene, type SceneOptions, withoutRecords } from "./scene";
import { readState, readStdout } from "./state-file";
import { assertTold, type Kept, type Told } from "./told";
import { engineTimeoutMs } from "./tools";

export { adopted };

type Outcome = RotationRecord["outcome"];

/** What must be true in the end, besides what must always be. */
export interface Expected {
    /** Rotations of which the cluster's count is to grow. Default 1. */
    rotations?: number;
    /** Of the record; one of several where a race decides. Default: "rotated". */
    outcome?: Outcome | readonly Outcome[];
    /** What keeps the `up` from making every check. Default: nothing. */
    limit?: Limit;
    /** Whether it takes more than some 20 s: then it is left out where not all faults are asked for. */
    slow?: boolean;
}

/** An `up` that has begun, and must end badly. */
export interface Begun {
    /** Its error, without the engine's log. */
    ended: Promise<string>;
    /** The process of its program. */
    program: number;
    /**
     * Waits for its end, and asserts what it tells, what the state holds and that no secret is anywhere. A trial in which
     * this is not called for every `up` that fails does not pass.
     *
     * @returns what happened, as the user reads it
     */
    fails(told: Told): Promise<string>;
}

/** One fault, on a cluster that is adopted and at rest: an `up` that raises the generation and meets it, and what follows. */
export class Trial {
    /** The generation that is asked for. */
    readonly generation: number;
    /** What the last `up` that ended well has left. */
    last: UpResult | undefined;
    /** What the failed `up`s ended with. */
    failures = "";
    private readonly rotationsBefore: number;
    private readonly began = new Date();
    private readonly started = new Set<number>();
    private followed = 0;
    private page = 0;
    /** How many `up`s have begun that must fail, and were not held against what they must tell. */
    private untold = 0;
    private readonly broken: number[] = [];
    private hits = 0;

    constructor(readonly scene: Scene) {
        this.generation = Number(scene.args.rotationGeneration) + 1;
        this.rotationsBefore = scene.rotations;
        scene.log = "";
        scene.shown = "";
    }

    /** An `up` of the raised generation that must end badly: see `Begun.fails`. */
    async fails(told: Told): Promise<string> {
        return (await this.begins()).fails(told);
    }

    /** Begins it; perhaps with the program in a process apart, which leads a group of processes. */
    async begins(apart = false): Promise<Begun> {
        const { scene, generation, followed } = this;
        const from = scene.log.length;
        if (!apart) {
            // Whose processes are looked for is about to be killed: it has begun, and counts as it ends.
            const up = scene.up(generation, () => this.followed === followed);
            return this.begun(scene.failure(up), process.pid, from);
        }
        const { pid, ended } = await scene.upApart(generation);
        this.follow([pid]);
        return this.begun(ended, pid, from);
    }

    private begun(ending: Promise<string | undefined>, program: number, from: number): Begun {
        this.untold += 1;
        const ended = this.failing(ending);
        // Whoever waits for something else first hears of it later.
        ended.catch(() => undefined);
        const fails = async (told: Told) => {
            const message = await ended;
            this.assertVerbose(from);
            const happened = await this.told(message, told);
            this.untold -= 1;
            return happened;
        };
        return { ended, program, fails };
    }

    /** Asserts what an error tells, what the state holds now, and that no secret is anywhere. */
    async told(message: string, told: Told): Promise<string> {
        const happened = assertTold(told, diagnostics(message), this.pageNow);
        const generation = { raised: this.generation, before: this.generation - 1 };
        const { intent, record, pending } = told.state;
        assert.deepEqual(
            await this.state(),
            { intent: generation[intent], record: generation[record], pending },
            "what the state holds after the failed up",
        );
        await this.assertNoSecrets();
        return happened;
    }

    /** Settles when the user is shown something by an `up` that has begun, and must not end before. */
    async said(what: RegExp, { ended }: Begun): Promise<void> {
        const early = ended.then((message) => assert.fail(`the up ended before it said ${what}: ${message}`));
        await Promise.race([this.scene.said(what), early]);
    }

    private async failing(ending: Promise<string | undefined>): Promise<string> {
        const message = (await ending) ?? assert.fail("the run was expected to fail");
        this.failures += message;
        return diagnostics(message);
    }

    /** An `up` of the raised generation that must end well. */
    async succeeds(): Promise<RotationRecord> {
        const from = this.scene.log.length;
        try {
            this.last = await this.scene.up(this.generation);
        } catch (error) {
            assert.fail(`the up was expected to end well: ${diagnostics((error as Error).message)}`);
        }
        this.assertVerbose(from);
        return recordOf(this.last.outputs);
    }

    /** Has processes looked after: they must be gone in the end. */
    readonly follow = (pids: readonly (number | undefined)[]): void => {
        this.followed += 1;
        for (const pid of pids) {
            if (pid !== undefined) {
                this.started.add(pid);
            }
        }
    };

    /** From now on only what is said later is `read`; secrets are searched for in all of it. */
    turnPage(): void {
        this.page = this.scene.shown.length;
    }

    /** What the user has read on this page, as far as a pattern goes; it must be there. */
    read(pattern: RegExp): string {
        const page = this.pageNow;
        const [found] = pattern.exec(page) ?? assert.fail(`the user has not read ${pattern}, but:\n${page}`);
        return found.replace(/\s+/g, " ");
    }

    private get pageNow(): string {
        return this.scene.shown.slice(this.page);
    }

    /**
     * Breaks something: a fault that must have struck as often as it says by the end of the trial, or at least once where
     * it says no number.
     *
     * @returns its number
     */
    breaks(fault: InjectedFault): number {
        const id = this.scene.control.addFault(fault);
        this.broken.push(id);
        return id;
    }

    /** Takes away all that `breaks` has broken, and asserts that it was. */
    mends(): void {
        const { control } = this.scene;
        const armed = control.faults();
        for (const broken of this.broken) {
            const {
                action,
                count = 1,
                hits,
            } = armed.find(({ id }) => id === broken) ??
            assert.fail("a fault was taken away, and nobody has counted it");
            const enough = count === 0 ? hits > 0 : hits === count;
            assert.ok(enough, `the fault "${action.type}" has struck ${hits} times, not ${count || "at all"}`);
            this.hits += hits;
            control.removeFault(broken);
        }
        this.broken.length = 0;
    }

    /** How often what is broken was broken. */
    get times(): number {
        return Math.max(1, this.hits);
    }

    /** What the state holds: of each Command its generation, and how many operations are pending. */
    async state(): Promise<Kept> {
        const { project } = this.scene;
        const { pending_operations: pending = [] } = await readState(project);
        const generation = async (name: string) => JSON.parse(await readStdout(project, name)).generation;
        return {
            intent: await generation("cluster-intent"),
            record: await generation("cluster-rotation"),
            pending: pending.length,
        };
    }

    /** Holds the end against the promise. */
    async check({ rotations = 1, outcome = "rotated", limit = "none" }: Expected): Promise<void> {
        const { scene, generation, began, last = assert.fail("no up has ended well") } = this;
        assert.equal(this.untold, 0, "ups that failed, and of which nobody asked what they tell and leave");
        this.mends();
        await scene.control.waitUntilIdle(scene.ref);
        assert.equal(scene.rotations - this.rotationsBefore, rotations, "rotations that the cluster has counted");
        const record = recordOf(last.outputs);
        const outcomes: readonly Outcome[] = [outcome].flat();
        assert.ok(outcomes.includes(record.outcome), `the record says ${record.outcome}, not ${outcomes.join(" or ")}`);
        assertRecord(record, { generation, outcome: record.outcome, limit, began, cluster: scene.cluster });
        assert.deepEqual(last.outputs.caFingerprints?.value, record.caAfter);
        assert.deepEqual(
            await this.state(),
            { intent: generation, record: generation, pending: 0 },
            "what the state holds in the end",
        );
        const started = [...this.started];
        await until(`the end of the processes ${started}`, () => !anyRuns(started));
        await this.assertNoSecrets();
    }

    /** Asserts that an `up` has logged all that it can, where its scene claims so. */
    private assertVerbose(from: number): void {
        const { verbose, log } = this.scene;
        if (verbose) {
            assertVerbose(log.slice(from));
        }
    }

    /** Searches all that its `up`s have left. */
    async assertNoSecrets(): Promise<void> {
        await assertNoSecretsLeft(this.scene, this.failures);
    }

    /** Ends what was started, where a trial has gone wrong. */
    abandon(): void {
        send("SIGCONT", [...this.started]);
        send("SIGKILL", [...this.started]);
    }
}

/** What the engine's error says to the user: without its verbose records, and without the outputs. */
function diagnostics(message: string): string {
    const lines = withoutRecords(message.split("\n"));
    const from = lines.findIndex((line) => line.startsWith("Diagnostics:"));
    const to = lines.findIndex((line) => line.startsWith("Outputs:"));
    return lines.slice(Math.max(from, 0), to > from ? to : undefined).join("\n");
}

/** A test that breaks something; `play` tells what the user reads of it. */
export type Fault = (
    broken: string,
    where: string,
    expected: Expected,
    play: (trial: Trial) => Promise<string>,
) => void;

/** A scene has so many trials at most, since every rotation adds to the secrets that are searched for. */
const trialsInAScene = 8;

/**
 * Declares a chapter of faults. Each is a test of its own that meets a cluster at rest; scenes are used again where a
 * test has left one as it found it.
 */
export function faults(chapter: string, options: SceneOptions, declare: (fault: Fault) => void): void {
    describe(chapter, function () {
        this.timeout(engineTimeoutMs);
        let free: { scene: Scene; trials: number } | undefined;
        after(() => free?.scene[Symbol.asyncDispose]());

        declare((broken, where, expected, play) => {
            if (expected.slow && process.env.FAULTS_ALL === undefined) {
                return;
            }
            const test = it(`${broken} ${where}`.trim(), async () => {
                const { scene, trials } = free ?? { scene: await adopted(options), trials: 0 };
                free = undefined;
                const { args } = scene;
                const settings = structuredClone(scene.cluster.settings);
                const trial = new Trial(scene);
                try {
                    const saw = await play(trial);
                    await trial.check(expected);
                    report({
                        chapter,
                        broken,
                        where,
                        // A path of this machine says nothing to a reader.
                        saw: saw.replaceAll(scene.project.directory, "…").trim(),
                        times: trial.times,
                        rotations: expected.rotations ?? 1,
                        record: recordOf(trial.last?.outputs ?? {}).outcome,
                    });
                } catch (error) {
                    trial.abandon();
                    await scene[Symbol.asyncDispose]();
                    throw error;
                }
                scene.control.clearFaults();
                scene.control.set(scene.ref, settings);
                scene.args = { ...args, rotationGeneration: trial.generation };
                if (trials + 1 < trialsInAScene) {
                    free = { scene, trials: trials + 1 };
                } else {
                    await scene[Symbol.asyncDispose]();
                }
            });
            if (expected.slow) {
                test.timeout(2 * engineTimeoutMs);
            }
        });
    });
}

/** Where a run of all the tests gathers what it has seen. */
function report(row: Row): void {
    const folder = process.env.TESTS_REPORT;
    if (folder !== undefined) {
        appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(row)}\n`);
    }
}
