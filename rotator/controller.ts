import type { Start } from "../azure/cluster";
import { isAbort, wordsOf } from "../azure/explain";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import {
    type AttemptState,
    applyObservation,
    applyStartResponse,
    applyVerification,
    hasEffectiveRotation,
    initialState,
} from "./attempt-state";
import {
    type Deadlines,
    nextPollDelayMs,
    requestTimeoutMs,
    settleEndsAt,
    VERIFY_TIMEOUT_MS,
    verifyTimeoutMs,
} from "./deadlines";
import { type Action, decide, type FailureReason } from "./decide";
import { makeRecord } from "./make-record";
import type { Observation } from "./observation";
import { type Look, observe } from "./observe";
import type { Doing, Outside } from "./outside";
import { Patience } from "./patience";
import { makePreflight } from "./preflight/make-preflight";
import { Reporter } from "./progress";
import { acceptedLine, anotherLine, askingLine, waitingLine } from "./progress-lines";
import { recordLine } from "./record-line";
import { RotationError } from "./rotation-error";
import type { RotateSettings } from "./settings";
import {
    brokenOffLine,
    forSupport,
    refusedLine,
    stopMessage,
    timeoutMessage,
    verificationFailed,
} from "./stop-message";
import { supportFacts } from "./support-facts";
import { CheckFailed, causeOf, type Verification, withoutApiServer } from "./verification";

/** What one run of the rotator is for. */
export interface Task {
    settings: RotateSettings;
    intent: Intent;
    /** The record of the last rotation, if there is one. */
    record: RotationRecord | undefined;
    /** When the timeout began to count, on the clock of the ports. */
    beganAt: number;
}

/** The pure functions that lead a run. A test replaces one of them to see that the fault is found. */
export interface RotationLogic {
    decide: typeof decide;
    applyObservation: typeof applyObservation;
    applyStartResponse: typeof applyStartResponse;
}

/** The rotator's own logic. */
export const ROTATION_LOGIC: RotationLogic = { decide, applyObservation, applyStartResponse };

const PREFLIGHT_TIMEOUT_MS = 20_000;

type Found = Extract<Observation, { found: true }>;
type Evaluated = Look & { action: Action };

/**
 * One run of the rotator: observes, applies, decides, acts and sleeps until there is a record to return, or a reason to
 * stop. It does no I/O itself, so that tests can lead it through any history.
 */
export class RotationController<Wait> {
    readonly #ports: Outside<Wait>;
    readonly #task: Task;
    readonly #logic: RotationLogic;
    readonly #deadlines: Deadlines;
    readonly #reporter: Reporter;
    readonly #retries = new Patience();
    #state: AttemptState = initialState;
    #last: Evaluated | undefined;
    #preflightDone = false;
    #otherRotationReported = false;
    /** What was reported last, and since when the run reports on a matter of that kind. */
    #status: { kind: string; text: string; since: number };

    constructor(ports: Outside<Wait>, task: Task, logic: RotationLogic = ROTATION_LOGIC) {
        const { settings, beganAt } = task;
        this.#ports = ports;
        this.#task = task;
        this.#logic = logic;
        this.#deadlines = {
            runEndsAt: beganAt + settings.timeoutSeconds * 1000,
            settleTimeoutMs: settings.settleTimeoutSeconds * 1000,
        };
        this.#reporter = new Reporter((line) => ports.tell(line));
        this.#status = { kind: "", text: "", since: beganAt };
    }

    /**
     * Brings the cluster to the generation.
     *
     * @returns what is known of the cluster then
     * @throws RotationError when the run stops on purpose; and what the ports throw
     */
    *run(): Doing<Wait, RotationRecord> {
        for (;;) {
            const record = yield* this.#reconcile();
            if (record !== undefined) {
                return record;
            }
            const now = this.#ports.now();
            const waitedMs = now - this.#status.since;
            yield* this.#ports.sleep(nextPollDelayMs(this.#deadlines, this.#settleEndsAt, now, waitedMs));
        }
    }

    *#reconcile(): Doing<Wait, RotationRecord | undefined> {
        this.#assertTime();
        const evaluated = yield* this.#observeCluster();
        if (evaluated === undefined) {
            return undefined;
        }
        const { action, cluster, credentials } = evaluated;
        switch (action.do) {
            case "noop":
                return action.record;
            case "fail":
                throw yield* this.#toRotationError(action.reason, cluster);
            case "adopt":
            case "verify":
                return yield* this.#verifyAndRecord(action.do === "verify", cluster as Found, credentials);
            case "rotate":
                yield* this.#startRotation();
                return undefined;
            case "wait":
                return undefined;
        }
    }

    /** An observation and what to do about it; undefined where the observation failed, but may succeed later. */
    *#observeCluster(): Doing<Wait, Evaluated | undefined> {
        try {
            const look = yield* observe(this.#ports, this.#task.settings.verify, () => this.#timeoutMs());
            this.#retries.renew();
            return this.#evaluate(look);
        } catch (error) {
            this.#tolerateTransient(error);
            // Azure's silence makes no wait longer: when its time is over, the last observation counts.
            const end = this.#settleEndsAt;
            const isOver = end !== undefined && this.#ports.now() >= end;
            return isOver && this.#last !== undefined ? this.#evaluate(this.#last) : undefined;
        }
    }

    /** Lets an error pass that a retry may overcome, once the cluster was seen. */
    #tolerateTransient(error: unknown): void {
        this.#assertTime();
        if (this.#last === undefined || !this.#retries.bears(error)) {
            this.#ports.tell(brokenOffLine(this.#state, this.#state.provisioningState?.name));
            throw error;
        }
        this.#report("silence", `Azure cannot be asked just now: ${wordsOf(error)}`);
    }

    #evaluate(look: Look): Evaluated {
        const { settings, intent, record } = this.#task;
        const { verify, generation } = settings;
        this.#state = this.#logic.applyObservation(
            this.#state,
            look,
            this.#ports.now(),
            this.#deadlines.settleTimeoutMs,
        );
        if (this.#state.rotationObserved) {
            this.#watchAvailability();
        }
        const { cluster } = look;
        const action = this.#logic.decide({ generation, record, intent, verify, cluster, attempt: this.#state });
        this.#reportWait(action, cluster);
        if (action.do !== "verify") {
            this.#state = applyVerification(this.#state, undefined);
        }
        this.#last = { ...look, action };
        return this.#last;
    }

    #watchAvailability(): void {
        const { firstCredentials } = this.#state;
        if (firstCredentials !== undefined && this.#task.settings.verify !== "off") {
            this.#ports.watchOutage(firstCredentials);
        }
    }

    *#startRotation(): Doing<Wait, void> {
        if (this.#ports.now() < this.#state.notBefore) {
            return;
        }
        yield* this.#preflight();
        // Another run can have acted since: the last observation before the request is as recent as can be.
        if ((yield* this.#observeCluster())?.action.do !== "rotate") {
            return;
        }
        this.#assertTime();
        this.#ports.tell(askingLine);
        const requestedAt = this.#ports.date();
        const response = yield* this.#sendStartRequest();
        this.#state = this.#logic.applyStartResponse(this.#state, response, this.#ports.now(), requestedAt);
        switch (response.answer) {
            case "accepted":
                this.#watchAvailability();
                this.#report("accepted", acceptedLine(this.#state.started, response.operation));
                break;
            case "busy":
                this.#report("busy", `Azure does not start a rotation now: ${response.message}`);
                break;
            case "none":
                this.#report(
                    "lost",
                    `Azure did not answer the request to rotate (${wordsOf(response.error)}); looking what came of it.`,
                );
        }
    }

    /** Checks, before the first start request of a run, whether anything blocks a rotation. */
    *#preflight(): Doing<Wait, void> {
        const { settings } = this.#task;
        const { cluster, credentials } = this.#last as Evaluated;
        if (this.#preflightDone || settings.preflight === "off" || !cluster.found) {
            return;
        }
        this.#preflightDone = true;
        yield* makePreflight(this.#ports, settings, { ...cluster, credentials }, this.#timeoutMs(PREFLIGHT_TIMEOUT_MS));
    }

    *#sendStartRequest(): Doing<Wait, Start> {
        try {
            return yield* this.#ports.startRotation(this.#timeoutMs());
        } catch (error) {
            if (isAbort(error)) {
                return { answer: "none", error: error as Error };
            }
            this.#ports.tell(refusedLine(this.#state.provisioningState?.name ?? ""));
            throw error;
        }
    }

    /** The record, once the cluster is verified; undefined while its API server may still become ready. */
    *#verifyAndRecord(
        rotated: boolean,
        cluster: Found,
        known: Kubeconfig | undefined,
    ): Doing<Wait, RotationRecord | undefined> {
        const { settings, intent } = this.#task;
        let credentials = known;
        try {
            credentials ??= yield* this.#ports.credentials(this.#timeoutMs());
        } catch (error) {
            this.#tolerateTransient(error);
            return undefined;
        }
        const verification = yield* this.#verify(rotated, cluster, credentials);
        if (verification === undefined) {
            return undefined;
        }
        const record = makeRecord({
            settings,
            intent,
            resourceUID: cluster.resourceUID,
            rotated,
            started: hasEffectiveRotation(this.#state) ? this.#state.accepted?.at : undefined,
            finished: this.#ports.date(),
            caFingerprints: credentials.caFingerprints,
            outage: yield* this.#ports.endOutage(),
            verification,
        });
        this.#ports.tell(recordLine(record));
        return record;
    }

    /** Verifies through the API server; undefined where its answers are not right yet, but may be soon. */
    *#verify(rotated: boolean, cluster: Found, now: Kubeconfig): Doing<Wait, Verification | undefined> {
        const { settings, intent } = this.#task;
        const byAzure = rotated ? (["provisioningState", "caChanged"] as const) : [];
        if (settings.verify === "off" || cluster.stopped) {
            return withoutApiServer([...byAzure], cluster.stopped ? "the cluster is stopped" : "verify is off");
        }
        if (rotated && (this.#state.apiServerReached || settings.verify === "required")) {
            // A server that does not answer is waited for since Azure's Succeeded, not since the first try.
            const since = cluster.apiServer === "unreachable" ? this.#last?.at : undefined;
            this.#state = applyVerification(this.#state, since ?? this.#ports.now());
        }
        const before = { caCertificate: intent.caCertificate, credentials: this.#credentialsBefore(now) };
        try {
            const ms = verifyTimeoutMs(settings.verifyThrough, now.signIn !== undefined);
            return yield* this.#ports.verify({ rotated, now, before }, this.#timeoutMs(ms));
        } catch (thrown) {
            const error = causeOf(thrown);
            this.#assertTime();
            const end = this.#settleEndsAt;
            if (end !== undefined && this.#ports.now() < end) {
                this.#report("verify", `The API server is not ready yet: ${wordsOf(error)}`);
                return undefined;
            }
            const isWrongAnswer = error instanceof CheckFailed;
            if (settings.verify === "bestEffort" && !isWrongAnswer) {
                return withoutApiServer([...byAzure], `the API server could not be asked: ${wordsOf(error)}`, thrown);
            }
            const { verifyThrough } = settings;
            const unverified = { rotated, state: cluster.provisioningState, server: now.server, verifyThrough };
            throw new RotationError("unverified", verificationFailed(unverified, error));
        }
    }

    /** The credentials of before the rotation, if this process has read them. */
    #credentialsBefore(now: Kubeconfig): Kubeconfig | undefined {
        const first = this.#state.firstCredentials;
        return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
    }

    *#toRotationError(reason: FailureReason, cluster: Observation): Doing<Wait, RotationError> {
        const { started, failed, accepted, provisioningState } = this.#state;
        let azureSays: string | undefined;
        if (cluster.found && accepted?.operation !== undefined && failed > 0) {
            try {
                const timeoutMs = this.#timeoutMs(VERIFY_TIMEOUT_MS);
                azureSays = (yield* this.#ports.operationError(accepted.operation, timeoutMs))?.text;
            } catch {
                // It only makes the message better, and there is one without it.
            }
        }
        const happened = { seen: provisioningState !== undefined, started, azureSays };
        const message = stopMessage(reason, this.#task.settings, cluster, happened);
        return new RotationError(reason, forSupport.has(reason) ? `${message}\n${this.#supportDetails()}` : message);
    }

    #supportDetails(): string {
        const { provisioningState, accepted, rotationObserved, unansweredStarts } = this.#state;
        const cluster = this.#last?.cluster;
        const found = cluster?.found ? cluster : undefined;
        return supportFacts({
            clusterId: this.#task.settings.clusterId,
            asked: this.#task.intent,
            resourceUID: found?.resourceUID,
            state: provisioningState && {
                name: provisioningState.name,
                forMs: this.#ports.now() - provisioningState.since,
            },
            accepted,
            another: rotationObserved || found?.apiServer === "anotherCa",
            unanswered: unansweredStarts,
        });
    }

    #reportWait(action: Action, cluster: Observation): void {
        if (!cluster.found || action.do !== "wait") {
            return;
        }
        if (action.for === "rotation" && !hasEffectiveRotation(this.#state) && !this.#otherRotationReported) {
            this.#otherRotationReported = true;
            this.#ports.tell(anotherLine);
        }
        this.#report(
            `${action.for} ${cluster.provisioningState}`,
            waitingLine(action.for, cluster.provisioningState, this.#ports.serverAnswers),
        );
    }

    /** @param kind the matter of the text: a text that varies within one matter starts no new wait */
    #report(kind: string, text: string): void {
        const now = this.#ports.now();
        this.#status = { kind, text, since: kind === this.#status.kind ? this.#status.since : now };
        this.#reporter.report(text, now - this.#status.since, now);
    }

    #assertTime(): void {
        if (this.#ports.now() >= this.#deadlines.runEndsAt) {
            const { provisioningState } = this.#state;
            const message = timeoutMessage(this.#task.settings, this.#status.text, provisioningState?.name);
            throw new RotationError("timeout", `${message}\n${this.#supportDetails()}`);
        }
    }

    get #settleEndsAt(): number | undefined {
        return settleEndsAt(this.#deadlines, this.#state, this.#last?.action);
    }

    #timeoutMs(limitMs?: number): number {
        return requestTimeoutMs(this.#deadlines, this.#settleEndsAt, this.#ports.now(), limitMs);
    }
}
