import { isTransient } from "../../../azure/explain";
import { sameFingerprints } from "../../../formats/certificate";
import type { Intent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import { RotationController } from "../../../rotator/controller";
import type { Action, DecisionInput } from "../../../rotator/decide";
import type { Doing } from "../../../rotator/outside";
import { RotationError } from "../../../rotator/rotation-error";
import type { RotateSettings } from "../../../rotator/settings";
import { snapshot } from "../../../rotator/snapshot";
import type { Allowance } from "./allowances";
import { CLUSTER_ID } from "./azure-answers";
import type { Brain } from "./brain";
import { ModelOutside } from "./model-outside";
import type { Pause } from "./points";
import { isShownLate, isUidKnown, type Moment, type Reason, type Start } from "./promises";
import { checkRequest } from "./requests";
import type { SavedState } from "./saved-state";
import type { Story } from "./story";
import { UpFailed } from "./up-failed";
import { checkVerified, type Shown } from "./verified";
import type { Violations } from "./violations";
import type { World } from "./world";

/** What the stack's config says. */
export type Config = Pick<
    RotateSettings,
    "generation" | "verify" | "credentials" | "timeoutSeconds" | "settleTimeoutSeconds"
>;

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
        private readonly violations: Violations,
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
        const { last } = this.saved;
        this.saved.lastLower =
            last !== undefined && last.record.generation < concluded.record.generation ? last : this.saved.lastLower;
        this.saved.last = { record: concluded.record, made };
        const { outcome, generation, caBefore, caAfter } = concluded.record;
        this.story?.tell(
            concluded.step === "noop"
                ? `nothing is rotated, the record stays that of generation ${generation}`
                : `record saved: generation ${generation}, ${outcome}, ${caBefore} -> ${caAfter}`,
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
            run: 0,
            violations: this.violations,
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
        const kept = document.askedAt === now.askedAt ? undefined : saved.intent;
        saved.intent = { inputs, document, made: kept?.made ?? made };
        const isSame = saved.asked?.made.uid === made.uid;
        if (saved.asked === undefined || !isSame || saved.asked.generation < now.generation) {
            // With the same CA as before, no rotation has come of the generation that was asked for last.
            const isUnchanged = isSame && sameFingerprints(saved.asked?.made.bundle ?? [], made.bundle);
            saved.askedBefore =
                (isUnchanged ? saved.askedBefore : undefined) ?? (isSame ? saved.asked?.generation : undefined);
            saved.asked = { generation: now.generation, made };
        }
        this.story?.tell(`intent ${kept === undefined ? "saved" : "kept"} (${document.caFingerprints})`);
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
            const reason: Reason = {
                generation: config.generation,
                // An orphan can meet another one than it was given.
                recordGeneration: this.saved.last?.record.generation,
                askedBefore: this.saved.askedBefore,
                intent: intentMade,
                record: this.saved.last?.made,
                look: { at: outside.lookedAt, cluster, lagged: world.lags, settled, uidShown: outside.uidShown },
                run,
                aloneSince: engine.diedAt,
            };
            checkRequest(reason, outside.known, world.rotations, world.now, this.violations, this.allowed);
            return reason;
        };
        const { verify } = config;
        const outside = new ModelOutside(world, brain, this.story, {
            verify,
            looksAt: "before a look",
            engine,
            run,
            intent,
            violations: this.violations,
            reasonToStart,
        });
        const decide: Brain["decide"] = (situation) => {
            last = { situation, step: brain.decide(situation) };
            return last.step;
        };
        const command = before === undefined ? ("adopt" as const) : ("rotate" as const);
        const task = { command, settings: settingsOf(config), intent, record: before?.record, beganAt: world.now };
        const record = yield* this.command(new RotationController(outside, task, { ...brain, decide }).run());
        const { truth: made, answerLost, shown, uidShown } = outside;
        return { record: brain.conclude(record, intent), step: last?.step.do, made, answerLost, shown, uidShown };
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
            throw isTransient(error) && !(error instanceof UpFailed) ? new UpFailed("Azure does not answer") : error;
        } finally {
            this.process = undefined;
        }
    }

    /** Checks a record that a run gives back against the truth. */
    private checkRecord(concluded: Concluded, generation: number): void {
        const { record, step, made, shown, uidShown } = concluded;
        const { rotation, asked, last } = this.saved;
        const { violations } = this;
        const before = rotation?.record;
        if (step === "noop") {
            if (record !== before || generation > record.generation) {
                violations.report("record", "The record that was kept is not the one that was there.");
            }
            return;
        }
        checkVerified(record, shown, violations, this.allowed);
        if (record.generation !== generation) {
            violations.report("record", `The record is of generation ${record.generation}, not ${generation}.`);
        }
        const recreated = last !== undefined && last.made.uid !== made.uid;
        if (before !== undefined && !recreated && record.generation <= before.generation) {
            violations.report(
                "record",
                `The record's generation went from ${before.generation} to ${record.generation}.`,
            );
        }
        if (!sameFingerprints(record.caAfter, made.bundle) && !made.lagged) {
            violations.report("record", `The record says ${record.caAfter} after it, but it was ${made.bundle}.`);
        }
        if (step === "adopt") {
            if (last === undefined || recreated) {
                return;
            }
            if (before !== undefined) {
                violations.report(
                    "rotated",
                    "A cluster that was adopted already was adopted again: nothing was rotated.",
                );
            } else if (generation > last.record.generation) {
                violations.report("lost", `The raise to generation ${generation} was adopted away.`);
            }
            return;
        }
        if (asked === undefined) {
            throw new Error("A run has an intent.");
        }
        const moments = { intent: asked.made, record: last?.made, look: { uidShown } };
        const isOther = asked.made.uid !== made.uid || recreated;
        if (isOther && !isUidKnown(moments) && this.allowed("unknownUid")) {
            return;
        }
        const isRaisedAgain = rotation === undefined && last !== undefined && asked.made.at < last.made.at;
        if (isRaisedAgain && this.allowed("raisedAgainWithoutRecord")) {
            return;
        }
        this.checkCaBefore(concluded);
        this.checkRotated(concluded, generation, asked.made);
        if (!(concluded.answerLost && this.allowed("answerLost"))) {
            this.checkOutcome(record);
        }
    }

    /** A record of a rotation names the CA of before by what was written down last, the intent or the last record. */
    private checkCaBefore({ record, made }: Concluded): void {
        const { intent } = this.saved;
        const last = this.lastBefore(record.generation);
        if (intent === undefined) {
            throw new Error("A run has an intent.");
        }
        const isOfRecord = last !== undefined && last.made.at > intent.made.at && last.made.uid === made.uid;
        const caBefore = isOfRecord ? last.record.caAfter : intent.document.caFingerprints;
        if (!sameFingerprints(record.caBefore, caBefore)) {
            this.violations.report("before", `The record says ${record.caBefore} before it, but it was ${caBefore}.`);
        }
    }

    /** The last record before that of a generation; one that was lost and is found anew is not before itself. */
    private lastBefore(generation: number): SavedState["last"] {
        const { last, lastLower, rotation } = this.saved;
        const isFoundAnew =
            rotation?.record === undefined && last !== undefined && last.record.generation >= generation;
        return isFoundAnew ? lastLower : last;
    }

    /** There was a rotation since it was asked for. */
    private checkRotated({ record, made }: Concluded, generation: number, asked: Moment): void {
        const last = this.lastBefore(generation);
        const { violations, world } = this;
        if (sameFingerprints(record.caBefore, record.caAfter)) {
            violations.report("rotated", `The record says ${record.caBefore} before and after it.`);
        }
        const since = Math.max(asked.from, last?.made.from ?? 0);
        const happened = world.rotations.some(
            ({ uid, changedAt, endedAt }) =>
                uid === made.uid && changedAt !== undefined && endedAt !== undefined && endedAt > since,
        );
        const blind = [asked, last?.made].some((moment) => moment?.lagged && moment.blind);
        if (!happened && !(blind && this.allowed("blindIntent"))) {
            violations.report("rotated", `No rotation has happened since generation ${generation} was asked for.`);
        }
    }

    /** `rotated` says that it was this run's rotation, `found rotated` that it was not. */
    private checkOutcome(record: RotationRecord): void {
        const mine = this.world.rotations.filter(({ context }) => context?.run === this.runs);
        const isMine = mine.some(({ changedAt }) => changedAt !== undefined);
        if (mine.some(({ reconciled, outcome }) => reconciled || outcome === undefined)) {
            return;
        }
        const unseen = mine.some((rotation) => this.mayEndUnseen(rotation));
        if (mine.some(isShownLate) && this.allowed("shownLate")) {
            return;
        }
        if (record.outcome === "rotated" && !isMine && !(unseen && this.allowed("unseenEnd"))) {
            this.violations.report("record", "The record says rotated, but the rotation was not one of this run.");
        }
        const failed = mine.every(({ changedAt, outcome }) => changedAt === undefined || outcome !== "Succeeded");
        if (record.outcome === "found rotated" && isMine && !(failed && this.allowed("failedWithCa"))) {
            this.violations.report("record", "The record says found rotated, but the rotation was one of this run.");
        }
    }

    private mayEndUnseen(rotation: Start): boolean {
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
    /** Whether the last look showed the cluster with its `resourceUID`. */
    uidShown: boolean;
}

function settingsOf(config: Config): RotateSettings {
    const names = { subscriptionId: "subscription", resourceGroupName: "group", clusterName: "cluster" };
    return { ...config, ...names, clusterId: CLUSTER_ID, preflight: "required", intent: "" };
}

/** The longest time from one look of a run to the next: a pause, and a look. */
const longestPauseMs = 11_000;
