import type { Start } from "../azure/cluster";
import { isAbort, wordsOf } from "../azure/explain";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import type { Step, StopReason } from "./decide";
import { makeRecord } from "./make-record";
import type { Observation } from "./observation";
import { type Look, observe } from "./observe";
import type { Doing, Outside } from "./outside";
import { paceMs } from "./pace";
import { Patience } from "./patience";
import { makePreflight } from "./preflight/make-preflight";
import { Reporter } from "./progress";
import { acceptedLine, anotherLine, askingLine, waitingLine } from "./progress-lines";
import { recordLine } from "./record-line";
import type { Rules } from "./rules";
import { newRun, oneStands, type Run } from "./run";
import type { RotateSettings } from "./settings";
import {
    brokenOffLine,
    forSupport,
    refusedLine,
    stopMessage,
    timeoutMessage,
    verificationFailed,
} from "./stop-message";
import { Stopped } from "./stopped";
import { type Accepted, supportFacts } from "./support-facts";
import { CheckFailed, type Verification, withoutApiServer } from "./verification";

/** What one run of the rotator is for. */
export interface Task {
    settings: RotateSettings;
    intent: Intent;
    /** The record of the last rotation, if there is one. */
    record: RotationRecord | undefined;
    /** When the timeout began to count, on the clock of the outside. */
    beganAt: number;
}

const requestMs = 60_000;
const checkMs = 10_000;
const preflightMs = 20_000;
/** How long a request may outlast the wait that it belongs to. */
const graceMs = 500;

type Found = Extract<Observation, { found: true }>;
type Looked = Look & { step: Step };

/**
 * One run of the rotator: looks, decides and acts until there is a record to return, or a reason to stop. Does no I/O
 * itself, so that tests can drive it through any history.
 */
export class Loop<Wait> {
    private readonly deadline: number;
    private readonly settleMs: number;
    private readonly reporter: Reporter;
    private readonly patience = new Patience();
    private run: Run = newRun;
    /** The last rotation of ours. */
    private accepted: Accepted | undefined;
    /** When one was last asked for. */
    private askedAt: Date | undefined;
    private notBefore = Number.NEGATIVE_INFINITY;
    /** The provisioning state seen last, and since when. */
    private state: { name: string; since: number } | undefined;
    /** What was said last, and since when it is a matter of that kind. */
    private status: { kind: string; text: string; since: number };
    private last: Looked | undefined;
    private toldOfAnother = false;
    private preflighted = false;
    private firstCredentials: Kubeconfig | undefined;
    /** A server that could never be reached is not waited for in the end, unless it must be. */
    private reached = false;
    /** When the verification of a rotation was first tried, since the cluster was last seen to be ready for it. */
    private verifyingSince: number | undefined;

    constructor(
        private readonly outside: Outside<Wait>,
        private readonly task: Task,
        private readonly rules: Rules,
    ) {
        const { settings, beganAt } = task;
        this.deadline = beganAt + settings.timeoutSeconds * 1000;
        this.settleMs = settings.settleTimeoutSeconds * 1000;
        this.reporter = new Reporter((line) => outside.tell(line));
        this.status = { kind: "", text: "", since: beganAt };
    }

    /**
     * Brings the cluster to the generation, and tells what is known then.
     *
     * @throws Stopped whose message says what happened, what state the cluster is in and what to do; and what the
     * outside throws
     */
    *finish(): Doing<Wait, RotationRecord> {
        for (;;) {
            const record = yield* this.round();
            if (record !== undefined) {
                return record;
            }
            yield* this.outside.sleep(this.pauseMs());
        }
    }

    private *round(): Doing<Wait, RotationRecord | undefined> {
        this.assertTime();
        const looked = yield* this.lookAgain();
        if (looked === undefined) {
            return undefined;
        }
        const { step, cluster, credentials } = looked;
        switch (step.do) {
            case "keep":
                return step.record;
            case "stop":
                throw yield* this.stopped(step.because, cluster);
            case "adopt":
            case "verify":
                return yield* this.conclude(step.do === "verify", cluster as Found, credentials);
            case "rotate":
                yield* this.start();
                return undefined;
            case "wait":
                return undefined;
        }
    }

    /** A look; undefined where it failed, but may succeed later: a cluster that was there is waited for. */
    private *lookAgain(): Doing<Wait, Looked | undefined> {
        const { settings } = this.task;
        try {
            const look = yield* observe(this.outside, settings.verify, () => this.within());
            this.patience.renew();
            return this.judge(look);
        } catch (error) {
            this.bear(error);
            // Azure's silence does not make a wait longer: what was seen last counts when its time is over.
            const over = this.waitEndsAt !== undefined && this.outside.now() >= this.waitEndsAt;
            return over && this.last !== undefined ? this.judge(this.last) : undefined;
        }
    }

    /** Lets an error pass that asking again may mend, once the cluster was seen; throws every other. */
    private bear(error: unknown): void {
        this.assertTime();
        if (this.last === undefined || !this.patience.bears(error)) {
            this.outside.tell(brokenOffLine(this.run, this.state?.name));
            throw error;
        }
        this.say("silence", `Azure cannot be asked just now: ${wordsOf(error)}`);
    }

    private judge({ cluster, at, credentials }: Look): Looked {
        const { settings, intent, record } = this.task;
        const { verify, generation } = settings;
        this.note(cluster, credentials);
        const step = this.rules.decide({ generation, record, intent, verify, cluster, run: this.run });
        this.report(step, cluster);
        if (step.do !== "verify") {
            this.verifyingSince = undefined;
        }
        this.last = { cluster, at, credentials, step };
        return this.last;
    }

    private note(cluster: Observation, credentials: Kubeconfig | undefined): void {
        const { started } = this.run;
        this.run = this.rules.afterLook(this.run, cluster, this.outside.now(), this.settleMs);
        this.firstCredentials ??= credentials;
        if (cluster.found && (cluster.apiServer === "sameCa" || cluster.apiServer === "anotherCa")) {
            this.reached = true;
        }
        if (this.run.started > started) {
            this.accepted = this.askedAt && { at: this.askedAt };
        }
        if (cluster.found && cluster.provisioningState !== this.state?.name) {
            this.state = { name: cluster.provisioningState, since: this.outside.now() };
        }
        if (this.run.seen) {
            this.watchOutage();
        }
    }

    private watchOutage(): void {
        if (this.firstCredentials !== undefined && this.task.settings.verify !== "off") {
            this.outside.watchOutage(this.firstCredentials);
        }
    }

    private *start(): Doing<Wait, void> {
        if (this.outside.now() < this.notBefore) {
            return;
        }
        yield* this.preflight();
        // Another one can have acted since the look: the last one before the request is as young as can be.
        if ((yield* this.lookAgain())?.step.do !== "rotate") {
            return;
        }
        this.assertTime();
        this.outside.tell(askingLine);
        const at = this.outside.date();
        this.askedAt = at;
        const answer = yield* this.ask();
        const now = this.outside.now();
        this.run = this.rules.afterStart(this.run, answer.answer, now);
        switch (answer.answer) {
            case "accepted":
                this.accepted = { at, operation: answer.operation, correlationId: answer.correlationId };
                this.watchOutage();
                this.say("accepted", acceptedLine(this.run.started, answer.operation));
                break;
            case "busy":
                this.notBefore = now + (answer.waitSeconds ?? 0) * 1000;
                this.say("busy", `Azure does not start a rotation now: ${answer.message}`);
                break;
            case "none":
                this.say(
                    "lost",
                    `Azure did not answer the request to rotate (${wordsOf(answer.error)}); looking what came of it.`,
                );
        }
    }

    /** Looks, before the first rotation of a run, whether anything stands against it. */
    private *preflight(): Doing<Wait, void> {
        const { settings } = this.task;
        const { cluster, credentials } = this.last as Looked;
        if (this.preflighted || settings.preflight === "off" || !cluster.found) {
            return;
        }
        this.preflighted = true;
        yield* makePreflight(this.outside, settings, { ...cluster, credentials }, this.within(preflightMs));
    }

    private *ask(): Doing<Wait, Start> {
        try {
            return yield* this.outside.startRotation(this.within());
        } catch (error) {
            if (isAbort(error)) {
                return { answer: "none", error: error as Error };
            }
            this.outside.tell(refusedLine(this.state?.name ?? ""));
            throw error;
        }
    }

    /** The record, once the cluster is verified; undefined while its API server may still be on the way. */
    private *conclude(
        rotated: boolean,
        cluster: Found,
        known: Kubeconfig | undefined,
    ): Doing<Wait, RotationRecord | undefined> {
        const { settings, intent } = this.task;
        let credentials = known;
        try {
            credentials ??= yield* this.outside.credentials(this.within());
        } catch (error) {
            this.bear(error);
            return undefined;
        }
        const verification = yield* this.verify(rotated, cluster, credentials);
        if (verification === undefined) {
            return undefined;
        }
        const made = makeRecord({
            settings,
            intent,
            resourceUID: cluster.resourceUID,
            rotated,
            started: oneStands(this.run) ? this.accepted?.at : undefined,
            finished: this.outside.date(),
            caFingerprints: credentials.caFingerprints,
            outage: yield* this.outside.endOutage(),
            verification,
        });
        this.outside.tell(recordLine(made));
        return made;
    }

    /** Asks the API server; undefined where the answers are not right yet, but may be soon: it is looked at anew then. */
    private *verify(rotated: boolean, cluster: Found, now: Kubeconfig): Doing<Wait, Verification | undefined> {
        const { settings, intent } = this.task;
        const byAzure = rotated ? (["provisioningState", "caChanged"] as const) : [];
        if (settings.verify === "off" || cluster.stopped) {
            return withoutApiServer([...byAzure], cluster.stopped ? "the cluster is stopped" : "verify is off");
        }
        if (rotated && (this.reached || settings.verify === "required")) {
            // A server that does not answer is waited for since Azure said that all is done, before it was asked.
            this.verifyingSince ??= cluster.apiServer === "unreachable" ? this.last?.at : this.outside.now();
        }
        const before = { caCertificate: intent.caCertificate, credentials: this.credentialsBefore(now) };
        try {
            // A command in the cluster needs a pod first.
            const ms = settings.verifyThrough === "runCommand" ? requestMs : checkMs;
            return yield* this.outside.verify({ rotated, now, before }, this.within(ms));
        } catch (error) {
            this.assertTime();
            if (this.waitEndsAt !== undefined && this.outside.now() < this.waitEndsAt) {
                this.say("verify", `The API server is not ready yet: ${wordsOf(error)}`);
                return undefined;
            }
            const wrong = error instanceof CheckFailed;
            if (settings.verify === "bestEffort" && !wrong) {
                return withoutApiServer([...byAzure], `the API server could not be asked: ${wordsOf(error)}`);
            }
            const { verifyThrough } = settings;
            const unverified = { rotated, state: cluster.provisioningState, server: now.server, verifyThrough };
            throw new Stopped("unverified", verificationFailed(unverified, error));
        }
    }

    /** The credentials of before the rotation, if this process has seen them. */
    private credentialsBefore(now: Kubeconfig): Kubeconfig | undefined {
        const first = this.firstCredentials;
        return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
    }

    private *stopped(because: StopReason, cluster: Observation): Doing<Wait, Stopped> {
        let azureSays: string | undefined;
        if (cluster.found && this.accepted?.operation !== undefined && this.run.failed > 0) {
            try {
                azureSays = (yield* this.outside.operationError(this.accepted.operation, this.within(checkMs)))?.text;
            } catch {
                // It only makes a message better, and there is one without it.
            }
        }
        const happened = { seen: this.state !== undefined, started: this.run.started, azureSays };
        const message = stopMessage(because, this.task.settings, cluster, happened);
        return new Stopped(because, forSupport.has(because) ? `${message}\n${this.facts()}` : message);
    }

    private facts(): string {
        const { run, state, accepted } = this;
        const cluster = this.last?.cluster;
        const found = cluster?.found ? cluster : undefined;
        return supportFacts({
            clusterId: this.task.settings.clusterId,
            asked: this.task.intent,
            resourceUID: found?.resourceUID,
            state: state && { name: state.name, forMs: this.outside.now() - state.since },
            accepted,
            another: run.seen || found?.apiServer === "anotherCa",
            unanswered: run.lost,
        });
    }

    private report(step: Step, cluster: Observation): void {
        if (!cluster.found || step.do !== "wait") {
            return;
        }
        if (step.for === "rotation" && !oneStands(this.run) && !this.toldOfAnother) {
            this.toldOfAnother = true;
            this.outside.tell(anotherLine);
        }
        this.say(
            `${step.for} ${cluster.provisioningState}`,
            waitingLine(step.for, cluster.provisioningState, this.outside.serverAnswers),
        );
    }

    /** @param kind what it is about: words that change all the time make no other status of it */
    private say(kind: string, text: string): void {
        const now = this.outside.now();
        this.status = { kind, text, since: kind === this.status.kind ? this.status.since : now };
        this.reporter.report(text, now - this.status.since, now);
    }

    private assertTime(): void {
        if (this.outside.now() >= this.deadline) {
            const message = timeoutMessage(this.task.settings, this.status.text, this.state?.name);
            throw new Stopped("timeout", `${message}\n${this.facts()}`);
        }
    }

    /** When the settle timeout of the present wait ends; undefined where there is no such wait. */
    private get waitEndsAt(): number | undefined {
        if (this.verifyingSince !== undefined) {
            return this.verifyingSince + this.settleMs;
        }
        const step = this.last?.step;
        const isForCredentials = step?.do === "wait" && step.for === "credentials";
        return isForCredentials && this.run.final !== undefined ? this.run.final.since + this.settleMs : undefined;
    }

    /** How long one request may take: no longer than is left for all, and for the present wait. */
    private within(ms = requestMs): number {
        const end = Math.min(this.deadline, (this.waitEndsAt ?? Number.POSITIVE_INFINITY) + graceMs);
        return Math.max(1, Math.min(ms, end - this.outside.now()));
    }

    /** How long to sleep before the next look: a wait that ends before that is not slept through. */
    private pauseMs(): number {
        const now = this.outside.now();
        const end = this.waitEndsAt !== undefined && this.waitEndsAt > now ? this.waitEndsAt : this.deadline;
        return Math.min(paceMs(now - this.status.since), Math.max(0, Math.min(end, this.deadline) - now));
    }
}
