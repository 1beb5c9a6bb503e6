import type { Intent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import type { Step } from "../../../rotator/decide";
import type { Observation } from "../../../rotator/observation";
import { paceMs } from "../../../rotator/pace";
import { isFinal } from "../../../rotator/provisioning-state";
import { newRun, type Run } from "../../../rotator/run";
import type { VerifyMode } from "../../../rotator/settings";
import type { Brain } from "./brain";
import type { Moment, Reason } from "./promises";
import type { Story } from "./story";
import { AzureUnavailable, UpFailed } from "./up-failed";
import type { World } from "./world";

/** A look at a cluster that is there. */
export type Found = Extract<Observation, { found: true }>;

/** Where an engine can die; in the order of an `up`. */
export const points = [
    "before the intent is saved",
    "after the intent is saved",
    "before a look",
    "before the POST",
    "between POST and answer",
    "after the answer",
    "while it waits",
    "before the verification",
    "before the record is saved",
] as const;

/** Where an engine is while time passes. */
export interface Pause {
    at: (typeof points)[number];
    ms: number;
}

export interface RotatorSettings {
    generation: number;
    verify: VerifyMode;
    timeoutSeconds: number;
    settleTimeoutSeconds: number;
}

/** What the rotator is given, and the truth behind it. */
export interface Given {
    number: number;
    settings: RotatorSettings;
    intent: Intent;
    intentMade: Moment;
    record: RotationRecord | undefined;
    recordMade: Moment | undefined;
}

/** What a run gives back: the record, and the truth of the moment when it was last looked. */
export interface Concluded {
    record: RotationRecord;
    step: "keep" | "adopt" | "verify";
    made: Moment;
    /** Whether a request to rotate had no answer. */
    answerLost: boolean;
}

const requestMs = 200;

interface Looked {
    step: Step;
    cluster: Observation;
    at: number;
}

/** Fingerprints of a CA that is a number. */
export const fingerprintsOf = (ca: number): string[] => [`CA ${ca}`];

/**
 * One run of the rotator in the world: the loop of `Rotation.finish` in rotator/rotate.ts and of rotator/observe.ts,
 * with the world for Azure and pauses for what takes time, and the decisions of a brain.
 */
export class RotatorRun {
    private run: Run = newRun;
    private readonly began: number;
    private started: number | undefined;
    private notBefore = 0;
    private looked = false;
    private reached = false;
    private verifyingSince: number | undefined;
    private answerLost = false;
    private status = { text: "", since: 0 };

    constructor(
        private readonly world: World<Reason>,
        private readonly brain: Brain,
        private readonly given: Given,
        private readonly story: Story | undefined,
    ) {
        this.began = world.now;
    }

    *finish(): Generator<Pause, Concluded> {
        for (;;) {
            const concluded = yield* this.round();
            if (concluded !== undefined) {
                return concluded;
            }
            yield { at: "while it waits", ms: paceMs(this.world.now - this.status.since) };
        }
    }

    private *round(): Generator<Pause, Concluded | undefined> {
        this.assertTime();
        let looked: Looked;
        try {
            looked = yield* this.look();
        } catch (error) {
            this.assertTime();
            if (!this.looked || !(error instanceof AzureUnavailable)) {
                throw error;
            }
            this.say("Azure cannot be asked");
            return undefined;
        }
        const { step, cluster } = looked;
        switch (step.do) {
            case "keep":
                return { record: step.record, step: "keep", made: this.now(), answerLost: this.answerLost };
            case "stop":
                throw new UpFailed(step.because);
            case "adopt":
            case "verify":
                return yield* this.conclude(step.do, cluster as Found);
            case "rotate":
                yield* this.start();
                return undefined;
            case "wait":
                return undefined;
        }
    }

    private *look(): Generator<Pause, Looked> {
        const { given, world } = this;
        const { generation, verify, settleTimeoutSeconds } = given.settings;
        const at = world.now;
        const cluster = yield* this.observe();
        this.looked = true;
        this.run = this.brain.afterLook(this.run, cluster, world.now, settleTimeoutSeconds * 1000);
        if (cluster.found && (cluster.apiServer === "sameCa" || cluster.apiServer === "anotherCa")) {
            this.reached = true;
        }
        const { record, intent } = given;
        const step = this.brain.decide({ generation, record, intent, verify, cluster, run: this.run });
        if (cluster.found && step.do === "wait") {
            this.say(`${cluster.provisioningState}, waits for the ${step.for}`);
        }
        return { step, cluster, at };
    }

    private *observe(): Generator<Pause, Observation> {
        const { world, given } = this;
        yield { at: "before a look", ms: requestMs };
        const found = world.look();
        if (found === undefined) {
            return { found: false };
        }
        const cluster: Found = { found: true, ...found };
        if (!isFinal(found.provisioningState)) {
            return cluster;
        }
        yield { at: "before a look", ms: requestMs };
        const ca = world.credentials();
        if (ca === undefined) {
            throw new UpFailed("404");
        }
        cluster.caFingerprints = fingerprintsOf(ca);
        if (!found.stopped && given.settings.verify !== "off") {
            yield { at: "before a look", ms: requestMs };
            cluster.apiServer = this.brain.apiServerShows(world.serverCa(), ca);
        }
        return cluster;
    }

    private *start(): Generator<Pause, void> {
        const { world, given } = this;
        if (world.now < this.notBefore) {
            return;
        }
        const { step, cluster, at } = yield* this.look();
        if (step.do !== "rotate") {
            return;
        }
        yield { at: "before the POST", ms: 0 };
        const look = { at, cluster: cluster as Found, lagged: world.lags, settled: this.run.settled };
        const { answer, afterMs, waitSeconds } = world.post({
            generation: given.settings.generation,
            recordGeneration: given.record?.generation,
            recordUID: given.record?.resourceUID,
            intent: given.intentMade,
            record: given.recordMade,
            look,
            run: given.number,
        });
        yield { at: "between POST and answer", ms: afterMs };
        if (answer === "refused") {
            throw new UpFailed("404");
        }
        this.run = this.brain.afterStart(this.run, answer, world.now);
        this.answerLost ||= answer === "none";
        if (answer === "accepted") {
            this.started ??= world.now;
        } else if (answer === "busy") {
            this.notBefore = world.now + (waitSeconds ?? 0) * 1000;
        }
        yield { at: "after the answer", ms: 0 };
    }

    private *conclude(step: "adopt" | "verify", cluster: Found): Generator<Pause, Concluded | undefined> {
        const { world, given } = this;
        yield { at: "before the verification", ms: cluster.caFingerprints === undefined ? requestMs : 0 };
        const rotated = step === "verify";
        const ca = cluster.caFingerprints ?? this.credentialsNow();
        const made = this.now();
        if (!(yield* this.verify(rotated, cluster, ca))) {
            return undefined;
        }
        return {
            step,
            made,
            answerLost: this.answerLost,
            record: {
                record: 1,
                generation: given.settings.generation,
                outcome: !rotated ? "adopted" : this.run.started > 0 ? "rotated" : "found rotated",
                clusterId: given.intent.clusterId,
                resourceUID: cluster.resourceUID,
                started: rotated && this.started !== undefined ? String(this.started) : null,
                finished: String(world.now),
                durationSeconds: null,
                caBefore: rotated ? given.intent.caFingerprints : ca,
                caAfter: ca,
                outage: null,
                apiServerCertificate: null,
                verified: [],
                notVerified: [],
            },
        };
    }

    private credentialsNow(): string[] {
        try {
            const ca = this.world.credentials();
            if (ca !== undefined) {
                return fingerprintsOf(ca);
            }
        } catch (error) {
            if (!(error instanceof AzureUnavailable)) {
                throw error;
            }
        }
        throw new UpFailed("the credentials cannot be had");
    }

    private *verify(rotated: boolean, cluster: Found, ca: string[]): Generator<Pause, boolean> {
        const { world, given } = this;
        const { verify, settleTimeoutSeconds } = given.settings;
        if (verify === "off" || cluster.stopped) {
            return true;
        }
        this.verifyingSince ??= world.now;
        yield { at: "before the verification", ms: requestMs };
        const server = world.serverCa();
        const old = rotated && `CA ${server}` === given.intent.caFingerprints[0];
        if (server !== undefined && ca[0] === `CA ${server}` && !old) {
            return true;
        }
        this.assertTime();
        const patienceMs = rotated && this.reached ? settleTimeoutSeconds * 1000 : 0;
        if (world.now - this.verifyingSince < patienceMs) {
            this.say("the API server is not ready");
            return false;
        }
        if (server === undefined && verify === "bestEffort") {
            return true;
        }
        throw new UpFailed("the verification failed");
    }

    private assertTime(): void {
        if (this.world.now - this.began > this.given.settings.timeoutSeconds * 1000) {
            throw new UpFailed("timeout");
        }
    }

    private now(): Moment {
        return { at: this.world.now, ca: this.world.cluster?.ca ?? -1, lagged: this.world.lags };
    }

    private say(text: string): void {
        if (text !== this.status.text) {
            this.status = { text, since: this.world.now };
            this.story?.tell(text);
        }
    }
}
