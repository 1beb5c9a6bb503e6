import { isTransient } from "../../../azure/explain";
import { snapshotSeconds } from "../../../formats/intent";
import { RotationError } from "../../../rotator/rotation-error";
import type { Allowance } from "./allowances";
import type { Brain } from "./brain";
import { describeOurs, describePlan, describeUp } from "./describe";
import { type Config, Engine, type Orphan } from "./engine";
import { type History, type HistoryEvent, plainUp, type Up } from "./history";
import { errorClass } from "./operation-errors";
import { smoothRotation } from "./operations";
import type { Pause } from "./points";
import { type Promised, type Reason, StartKeeper } from "./promises";
import { REMEDIES } from "./remedies";
import { changeState } from "./saved-state";
import type { Story } from "./story";
import { IGNORED } from "./switches";
import { CAPACITY_DELAYS_MS } from "./tolerances";
import { UpFailed } from "./up-failed";
import { Violations } from "./violations";
import { World } from "./world";

/** How a history is played. */
export interface Options {
    brain: Brain;
    /** Which allowances count; by default all. */
    allowed?: (allowance: Allowance) => boolean;
    /** Invariants that nothing is checked against; by default those that the rotator does not hold yet. */
    ignored?: readonly Promised[];
    /** The first violation ends the history: whether there is one is all that counts. */
    stopsAtFirst?: boolean;
    story?: Story;
}

/** What a history came to. */
export interface Played {
    /** Rotations that we started. */
    starts: number;
    /** `up`s that ended well. */
    successes: number;
}

/**
 * Plays a history, then lets the world become quiet, and runs a last `up` and one that raises the generation.
 *
 * @throws Broken with all invariants that were violated on the way
 */
export function play(history: History, options: Options): Played {
    const player = new Player(options);
    player.hideUid(history.uidAppearsAfterSeconds ?? 0);
    if (history.adopted) {
        options.story?.event("an up adopts the cluster");
        player.up(plainUp);
    }
    for (const happening of history.events) {
        player.happen(happening);
    }
    player.end();
    player.violations.assertNone();
    return { starts: player.starts, successes: player.successes };
}

const quietSlackMs = 180_000;
/** How long it takes to change the state by hand, or to destroy a stack, at least. */
const stateChangeMs = 1000;
/** What may come on top of the rotator's timeout: the snapshot before it. Both are kept to the second. */
const overtimeMs = (snapshotSeconds + 1) * 1000;

class Player {
    successes = 0;
    readonly violations: Violations;
    private readonly world: World<Reason>;
    private readonly engine: Engine;
    private readonly starters: StartKeeper;
    private readonly story: Story | undefined;
    private config: Config = { ...plainUp, generation: 1 };
    private running:
        | { up: Generator<Pause, void>; pause: Pause; wakes: number; by: number; dies: Up["dies"]; orphanMs: number }
        | undefined;
    private orphans: (Orphan & { wakes: number; endsAt: number })[] = [];
    private failure: string | undefined;

    private readonly brain: Brain;

    constructor({ brain, allowed = () => true, ignored = IGNORED, stopsAtFirst = false, story }: Options) {
        this.violations = new Violations(ignored, stopsAtFirst);
        this.story = story;
        this.brain = brain;
        this.world = new World(story, (start) => this.starters.check(start));
        this.starters = new StartKeeper(this.world.rotations, allowed, this.violations);
        this.engine = new Engine(this.world, brain, {}, allowed, story, this.violations);
    }

    get starts(): number {
        return this.world.rotations.filter(({ by }) => by === "us").length;
    }

    happen(happening: HistoryEvent): void {
        const { world } = this;
        switch (happening.event) {
            case "up":
                this.story?.event(describeUp(happening, this.config.generation));
                this.up(happening);
                return;
            case "time passes":
                this.story?.event(`${happening.seconds} s pass`);
                this.advance(world.now + happening.seconds * 1000);
                return;
            case "the engine is killed":
                this.story?.event(`the engine is killed ${this.running?.pause.at ?? "(none runs)"}`);
                this.kill(happening.orphanMs);
                return;
            case "our next rotation":
                this.story?.event(describeOurs(happening));
                world.plans.push(...Array.from({ length: happening.times }, () => happening.plan));
                return;
            case "our next POST":
                this.story?.event(`our next POST: ${happening.delivery}`);
                world.deliveries.push(happening.delivery);
                return;
            case "they rotate":
                this.story?.event(`somebody else's rotation ${describePlan(happening.plan)}`);
                world.theyRotate(happening.plan);
                return;
            case "they":
                this.story?.event(`somebody else: ${happening.what}, ${happening.seconds} s, ${happening.outcome}`);
                world.theyDo(happening.what, happening.seconds, happening.outcome);
                return;
            case "they cancel":
                this.story?.event(
                    `${happening.preempts ? "AKS" : "somebody"} cancels what is under way, which takes ${happening.seconds} s`,
                );
                world.cancel(happening.seconds, happening.preempts ? "AKSOperationPreempted" : undefined);
                return;
            case "Azure is down":
                this.story?.event(`Azure cannot be asked for ${happening.seconds} s`);
                world.azureDownUntil = world.now + happening.seconds * 1000;
                return;
            case "Azure hangs":
                this.story?.event(`Azure answers nothing for ${happening.seconds} s`);
                world.azureHangsUntil = world.now + happening.seconds * 1000;
                return;
            case "the API server is unreachable":
                this.story?.event(`the API server is unreachable for ${happening.seconds} s`);
                world.serverDownUntil = world.now + happening.seconds * 1000;
                return;
            case "something answers in Azure's place":
                this.story?.event(`${happening.noAnswer} is answered in Azure's place for ${happening.seconds} s`);
                world.noAnswer = happening.noAnswer;
                world.replacedUntil = world.now + happening.seconds * 1000;
                return;
            case "Azure hides the resourceUID":
                this.story?.event(`Azure hides the resourceUID for ${happening.seconds} s`);
                this.hideUid(happening.seconds);
                return;
            case "the CA bundle":
                this.story?.event(`the CA bundle ${happening.change}${happening.touches ? " with the eTag" : ""}`);
                world.changeBundle(happening.change, happening.touches);
                return;
            default:
                this.story?.event(happening.event);
                if (this.running !== undefined) {
                    this.story?.tell("the stack is locked");
                    return;
                }
                this.advance(world.now + stateChangeMs);
                changeState(this.engine.saved, happening.event);
        }
    }

    /** From now on the cluster is shown without its `resourceUID`, for so long. */
    hideUid(seconds: number): void {
        this.world.uidHiddenUntil = this.world.now + seconds * 1000;
    }

    /** Starts an `up`, and sees it through unless the history goes on meanwhile. */
    up(up: Up): void {
        if (this.running !== undefined) {
            this.story?.tell("the stack is locked");
            return;
        }
        this.config = { ...up, generation: Math.max(0, this.config.generation + up.raise) };
        this.begin(this.config, up.targeted, up.dies, up.orphanMs);
        if (!up.meanwhile) {
            this.finish();
        }
    }

    /** The world becomes quiet: what runs must end, an `up` must succeed, and so must one that raises the generation. */
    end(): void {
        const { world } = this;
        this.story?.event("the world becomes quiet");
        const quietAt = world.becomeQuiet();
        this.advance(quietAt);
        this.mustEndBy(quietAt);
        if (world.cluster === undefined) {
            return;
        }
        this.story?.event(`a last up at generation ${this.config.generation}`);
        if (this.lastUp() === "ended") {
            return;
        }
        const before = this.starts;
        const { last } = this.engine.saved;
        this.config = { ...this.config, generation: this.config.generation + 1 };
        this.story?.event(`an up at generation ${this.config.generation}`);
        if (this.lastUp() === "ended" || last === undefined) {
            return;
        }
        const isRaise = this.config.generation > last.record.generation;
        const isOther = last.made.uid !== world.cluster.uid;
        const expected = isRaise && !isOther ? 1 : 0;
        const started = this.starts - before;
        // A cluster that was created anew while Azure hid who it is counts as the one of before, or not.
        const isKnown = !isOther || last.made.uidShown;
        if (isKnown && (started > expected || (started < expected && !this.isFoundRotated()))) {
            this.violations.report("once", `In a quiet world an up started ${started} rotations, not ${expected}.`);
        }
    }

    /** Where the rotator asks the user to do something first, the user does. */
    private lastUp(): "succeeded" | "ended" {
        this.config = { ...this.config, timeoutSeconds: 3600 };
        this.tryUp();
        // One remedy can show the need of another one.
        for (let i = 0; i < 3 && this.remedy(); i++) {
            this.tryUp();
        }
        if (this.failure !== undefined) {
            this.violations.report("ends", `In a quiet world an up fails: ${this.failure}.`);
            return "ended";
        }
        return "succeeded";
    }

    /** The user follows the advice of the last error; false where there is none. */
    private remedy(): boolean {
        const { world } = this;
        const { last } = this.engine.saved;
        const isStopped = this.failure === "unverified" && world.cluster?.stopped === true;
        const operation = isStopped ? "start" : REMEDIES[this.failure ?? ""];
        if (operation !== undefined) {
            this.story?.event(`the user lets the cluster ${operation}, and up again`);
            world.theyDo(operation, 20, "Succeeded");
            this.advance(world.settledAt());
            return true;
        }
        if (this.failure === "caOverlaps") {
            const { caFingerprints = [], generation = 0 } = this.engine.saved.intent?.document ?? {};
            const isOld = caFingerprints.includes(`CA ${world.cluster?.cas.signer}`);
            this.story?.event(`the user ${isOld ? "raises the generation" : "has the old CA removed"}, and up again`);
            if (isOld) {
                // Only a generation above the intent's starts from the bundle of now.
                this.config = { ...this.config, generation: Math.max(this.config.generation, generation) + 1 };
            } else {
                world.changeBundle("shrinks", false);
            }
            return true;
        }
        if (this.failure === "recordLost" && last !== undefined) {
            this.story?.event("the user restores the record, and up again");
            this.engine.saved.rotation = { inputs: "", ...last };
            return true;
        }
        return false;
    }

    private isFoundRotated(): boolean {
        return this.engine.saved.last?.record.outcome === "found rotated";
    }

    private tryUp(): void {
        const from = this.world.now;
        this.begin(this.config, false, undefined, 0);
        this.mustEndBy(from);
    }

    private mustEndBy(quietAt: number): void {
        const lacksCapacity = this.world.rotations.some(({ code }) => errorClass(code) === "capacity");
        const allowance =
            this.config.settleTimeoutSeconds * 1000 +
            smoothRotation.seconds * 1000 +
            (lacksCapacity ? Math.max(...CAPACITY_DELAYS_MS) : 0) +
            quietSlackMs;
        this.finish(Math.max(quietAt, this.world.now) + allowance);
    }

    private begin(config: Config, targeted: boolean, dies: Up["dies"], orphanMs: number): void {
        const { now } = this.world;
        const by = now + config.timeoutSeconds * 1000 + overtimeMs;
        const idle: Pause = { at: "before the intent is saved", ms: 0 };
        this.running = { up: this.engine.up(config, targeted), pause: idle, wakes: now, by, dies, orphanMs };
        this.failure = undefined;
        this.step();
    }

    private finish(by = Number.POSITIVE_INFINITY): void {
        while (this.running !== undefined) {
            if (this.running.wakes > Math.min(by, this.running.by)) {
                this.violations.report("ends", `The run has not ended: it is ${this.running.pause.at}.`);
                this.kill(0);
                this.failure = "it has not ended";
                return;
            }
            this.advance(this.running.wakes);
        }
    }

    private advance(to: number): void {
        for (;;) {
            const ofRun = this.running?.wakes ?? Number.POSITIVE_INFINITY;
            const ofOrphans = Math.min(...this.orphans.map(({ wakes, endsAt }) => Math.min(wakes, endsAt)));
            const next = Math.min(ofRun, ofOrphans);
            this.world.advance(Math.min(next, to));
            if (next > to) {
                return;
            }
            if (ofOrphans <= ofRun) {
                this.stepOrphans();
            } else {
                this.step();
            }
        }
    }

    private stepOrphans(): void {
        const { now } = this.world;
        for (const orphan of this.orphans.filter(({ wakes, endsAt }) => wakes <= now && now < endsAt)) {
            orphan.wakes = wakeOf(orphan, now);
        }
        const ended = this.orphans.filter(({ endsAt, wakes }) => endsAt <= now || wakes === Number.POSITIVE_INFINITY);
        for (const orphan of ended) {
            this.world.dropLateRequests(({ run }) => run === orphan.run);
        }
        this.orphans = this.orphans.filter((orphan) => !ended.includes(orphan));
    }

    private step(): void {
        const { running } = this;
        if (running === undefined) {
            return;
        }
        try {
            const { done, value } = running.up.next();
            if (done) {
                this.running = undefined;
                this.successes++;
                return;
            }
            running.pause = value;
            running.wakes = this.world.now + value.ms;
        } catch (error) {
            if (!(error instanceof UpFailed)) {
                throw error;
            }
            this.running = undefined;
            this.failure = error.message;
            this.story?.tell(`the up fails: ${error.message}`);
            return;
        }
        if (running.pause.at === running.dies) {
            this.story?.tell(`the engine is killed ${running.dies}`);
            this.kill(running.orphanMs);
        }
    }

    private kill(orphanMs: number): void {
        const { running, world } = this;
        const orphan = this.engine.die();
        this.running = undefined;
        if (running !== undefined && orphan !== undefined) {
            if (orphanMs > 0) {
                this.story?.tell(`what it ran notices after ${orphanMs} ms`);
            }
            this.orphans.push({
                ...orphan,
                wakes: running.wakes,
                endsAt: world.now + this.brain.outlivesMs(orphanMs),
            });
        }
        this.stepOrphans();
    }
}

/** Lets an orphan go on, and tells when it wakes next: never, if it has ended. */
function wakeOf({ process }: Orphan, now: number): number {
    try {
        const { done, value } = process.next();
        return done ? Number.POSITIVE_INFINITY : now + value.ms;
    } catch (error) {
        // Nobody hears of the reason why it stops.
        if (error instanceof RotationError || error instanceof UpFailed || isTransient(error)) {
            return Number.POSITIVE_INFINITY;
        }
        throw error;
    }
}
