import { isAbort } from "../../../azure/explain";
import type { Intent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import { RotationController } from "../../../rotator/controller";
import type { Action, DecisionInput } from "../../../rotator/decide";
import type { Doing } from "../../../rotator/outside";
import { RotationError } from "../../../rotator/rotation-error";
import type { RotateSettings } from "../../../rotator/settings";
import { snapshot } from "../../../rotator/snapshot";
import type { Allowance } from "./allowances";
import type { Brain } from "./brain";
import { ModelOutside } from "./model-outside";
import type { Pause } from "./points";
import { Broken, isShownLate, type Moment, type Reason } from "./promises";
import type { Story } from "./story";
import { UpFailed } from "./up-failed";
import { checkVerified, type Shown } from "./verified";
import type { World } from "./world";

/** What the stack's config says. */
export type Config = Pick<
    RotateSettings,
    "generation" | "verify" | "credentials" | "timeoutSeconds" | "settleTimeoutSeconds"
>;

/** The Pulumi state: all that is left when an engine has died. */
export interface SavedState {
    intent?: { inputs: string; document: Intent };
    /** The truth of the intent, whatever it says: when the highest generation was first asked of the present cluster. */
    asked?: { generation: number; uid: string; made: Moment };
    rotation?: { inputs: string; record: RotationRecord; made: Moment };
}

/** The process of a Command whose engine is dead. */
export interface Orphan {
    process: Doing<Pause, unknown>;
    run: number;
}

/** The engine: runs the two Commands of the component as an `up` does, and saves what they printed. */
export class Engine {
    private runs = 0;
    /** The present one. */
    private life: { diedAt: number | undefined } = { diedAt: undefined };
    /** What it waits for: the process of a Command. */
    private process: Doing<Pause, unknown> | undefined;

    constructor(
        private readonly world: World<Reason>,
        private readonly brain: Brain,
        readonly saved: SavedState,
        private readonly allowed: (allowance: Allowance) => boolean,
        private readonly story: Story | undefined,
    ) {}

    /**
     * One `pulumi up`.
     *
     * @param targeted with `--target` of the Command that rotates: the other one is left as it is
     */
    *up(config: Config, targeted: boolean): Generator<Pause, void> {
        this.life = { diedAt: undefined };
        if (!targeted || this.saved.intent === undefined) {
            yield* this.intent(config);
        }
        const { intent, asked } = this.saved;
        if (intent === undefined || asked === undefined) {
            throw new UpFailed("there is no intent");
        }
        const inputs = [
            config.generation,
            config.credentials,
            config.verify,
            config.timeoutSeconds,
            config.settleTimeoutSeconds,
            intent.document.askedAt,
        ].join();
        if (inputs === this.saved.rotation?.inputs) {
            this.story?.tell("nothing to do");
            return;
        }
        const before = this.saved.rotation;
        const concluded = yield* this.rotate(config, intent.document, asked.made, before);
        this.checkRecord(concluded, config.generation);
        yield { at: "before the record is saved", ms: 0 };
        const made = concluded.step === "noop" && before !== undefined ? before.made : concluded.made;
        this.saved.rotation = { inputs, record: concluded.record, made };
        const { outcome, generation, caBefore, caAfter } = concluded.record;
        this.story?.tell(
            concluded.step === "noop"
                ? `nothing is rotated, the record stays that of generation ${generation}`
                : `record saved: generation ${generation}, ${outcome}, ${caBefore[0]} -> ${caAfter[0]}`,
        );
    }

    private *intent(config: Config): Generator<Pause, void> {
        const { saved } = this;
        const inputs = `${config.generation},${config.credentials}`;
        if (inputs === saved.intent?.inputs) {
            return;
        }
        const { verify } = config;
        const outside = new ModelOutside(this.world, this.brain, this.story, {
            verify,
            looksAt: "before the intent is saved",
            engine: this.life,
        });
        let now: Intent | undefined;
        const document = yield* this.command(
            snapshot(outside, settingsOf(config), saved.intent?.document, (previous, taken) => {
                now = taken;
                return this.brain.keepIntent(previous, taken);
            }),
        );
        if (now === undefined) {
            throw new Error("A snapshot takes an intent.");
        }
        const made = outside.truth;
        yield { at: "before the intent is saved", ms: 0 };
        saved.intent = { inputs, document };
        if (
            saved.asked === undefined ||
            saved.asked.uid !== now.resourceUID ||
            saved.asked.generation < now.generation
        ) {
            saved.asked = { generation: now.generation, uid: now.resourceUID ?? "", made };
        }
        this.story?.tell(`intent ${document === now ? "saved" : "kept"} (${document.caFingerprints[0]})`);
        yield { at: "after the intent is saved", ms: 0 };
    }

    /** One run of the rotator: its own loop, led by the brain, in the world. */
    private *rotate(
        config: Config,
        intent: Intent,
        intentMade: Moment,
        before: SavedState["rotation"],
    ): Doing<Pause, Concluded> {
        const { world, brain, life: engine } = this;
        const run = ++this.runs;
        let last: { situation: DecisionInput; step: Action } | undefined;
        const reasonToStart = (): Reason => {
            const cluster = last?.situation.cluster;
            if (last === undefined || !cluster?.found) {
                throw new Error("A rotation is asked for after a look at a cluster.");
            }
            const { settleTimeoutElapsed: settled } = last.situation.attempt;
            return {
                generation: config.generation,
                // An orphan can meet another one than it was given.
                recordGeneration: this.saved.rotation?.record.generation,
                recordUID: this.saved.rotation?.record.resourceUID,
                intent: intentMade,
                record: this.saved.rotation?.made,
                look: { at: outside.lookedAt, cluster, lagged: world.lags, settled },
                run,
                aloneSince: engine.diedAt,
            };
        };
        const { verify } = config;
        const outside = new ModelOutside(world, brain, this.story, {
            verify,
            looksAt: "before a look",
            engine,
            reasonToStart,
        });
        const decide: Brain["decide"] = (situation) => {
            last = { situation, step: brain.decide(situation) };
            return last.step;
        };
        const task = { settings: settingsOf(config), intent, record: before?.record, beganAt: world.now };
        const record = yield* this.command(new RotationController(outside, task, { ...brain, decide }).run());
        const { truth: made, answerLost, shown } = outside;
        return { record: brain.conclude(record), step: last?.step.do, made, answerLost, shown };
    }

    /**
     * The engine dies. What it has not saved is lost.
     *
     * @returns the process that goes on without it, if it waited for one
     */
    die(): Orphan | undefined {
        this.life.diedAt = this.world.now;
        const { process, runs } = this;
        this.process = undefined;
        return process && { process, run: runs };
    }

    /** Sees a Command through; where it stops on purpose, or since Azure does not answer, the `up` fails for that reason. */
    private *command<Result>(process: Doing<Pause, Result>): Doing<Pause, Result> {
        this.process = process;
        try {
            return yield* process;
        } catch (error) {
            if (error instanceof RotationError) {
                throw new UpFailed(error.reason);
            }
            throw isAbort(error) ? new UpFailed("Azure does not answer") : error;
        } finally {
            this.process = undefined;
        }
    }

    /** Holds a record that a run gives back against the truth. */
    private checkRecord({ record, step, made, answerLost, shown }: Concluded, generation: number): void {
        const { rotation, intent, asked } = this.saved;
        const { world } = this;
        const before = rotation?.record;
        if (step === "noop") {
            if (record !== before || generation > record.generation) {
                throw new Broken("record", "The record that was kept is not the one that was there.");
            }
            return;
        }
        checkVerified(record, shown);
        if (record.generation !== generation) {
            throw new Broken("record", `The record is of generation ${record.generation}, not ${generation}.`);
        }
        const recreated = before !== undefined && before.resourceUID !== record.resourceUID;
        if (before !== undefined && !recreated && record.generation <= before.generation) {
            throw new Broken(
                "record",
                `The record's generation went from ${before.generation} to ${record.generation}.`,
            );
        }
        if (record.caAfter[0] !== `CA ${made.ca}` && !made.lagged) {
            throw new Broken("record", `The record says ${record.caAfter[0]} after it, but the CA was CA ${made.ca}.`);
        }
        if (step === "adopt") {
            if (before !== undefined && !recreated) {
                throw new Broken(
                    "rotated",
                    "A cluster that was adopted already was adopted again: nothing was rotated.",
                );
            }
            return;
        }
        if (intent === undefined || asked === undefined || before === undefined) {
            throw new Broken("record", "A rotation is recorded where nothing was recorded before.");
        }
        if (record.caBefore[0] !== intent.document.caFingerprints[0] || record.caBefore[0] === record.caAfter[0]) {
            throw new Broken(
                "rotated",
                `The record says ${record.caBefore[0]} before and ${record.caAfter[0]} after it.`,
            );
        }
        const since = Math.max(asked.made.from, rotation?.made.from ?? 0);
        const happened = world.rotations.some(
            ({ uid, changedAt, endedAt }) =>
                uid === record.resourceUID && changedAt !== undefined && endedAt !== undefined && endedAt > since,
        );
        const blind = [asked.made, rotation?.made].some((moment) => moment?.lagged && moment.blind);
        if (!happened && blind && this.allowed("blindIntent")) {
            return;
        }
        if (!happened) {
            throw new Broken("rotated", `No rotation has happened since generation ${generation} was asked for.`);
        }
        if (!(answerLost && this.allowed("answerLost"))) {
            this.checkOutcome(record);
        }
    }

    /** `rotated` says that it was this run's rotation, `found rotated` that it was not. */
    private checkOutcome(record: RotationRecord): void {
        const mine = this.world.rotations.filter(({ context }) => context?.run === this.runs);
        const isMine = mine.some(({ changedAt }) => changedAt !== undefined);
        const unseen = mine.some((rotation) => this.mayEndUnseen(rotation));
        if (mine.some(isShownLate) && this.allowed("shownLate")) {
            return;
        }
        if (record.outcome === "rotated" && !isMine && !(unseen && this.allowed("unseenEnd"))) {
            throw new Broken("record", "The record says rotated, but the rotation was not one of this run.");
        }
        const failed = mine.every(({ changedAt, outcome }) => changedAt === undefined || outcome !== "Succeeded");
        if (record.outcome === "found rotated" && isMine && !(failed && this.allowed("failedWithCa"))) {
            throw new Broken("record", "The record says found rotated, but the rotation was one of this run.");
        }
    }

    private mayEndUnseen(rotation: World<Reason>["rotations"][number]): boolean {
        const { outcome, endedAt, changedAt, context } = rotation;
        if (context?.look.lagged || (outcome === "Succeeded" && changedAt === undefined)) {
            return true;
        }
        const next = this.world.rotations[rotation.number];
        return (
            outcome !== "Succeeded" &&
            endedAt !== undefined &&
            next?.by === "them" &&
            next.acceptedAt - endedAt < longestPauseMs
        );
    }
}

/** What a run gives back: the record, the step that led to it, and the truth when the credentials were last read. */
interface Concluded {
    record: RotationRecord;
    step: Action["do"] | undefined;
    made: Moment;
    /** Whether a request to rotate had no answer. */
    answerLost: boolean;
    shown: Shown;
}

function settingsOf(config: Config): RotateSettings {
    const names = { subscriptionId: "subscription", resourceGroupName: "group", clusterName: "cluster" };
    return { ...config, ...names, clusterId: "cluster", preflight: "required", intent: "" };
}

/** The longest time from one look of a run to the next: a pause, and a look. */
const longestPauseMs = 11_000;
