import type { Start } from "../azure/cluster";
import { isAbort, isTransient, wordsOf } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import {
    type AttemptState,
    applyFailure,
    applyServerCa,
    applyVerification,
    hasEffectiveRotation,
    initialState,
    isFailureUnknown,
} from "./attempt-state";
import { type Deadlines, nextPollDelayMs, REQUEST_TIMEOUT_MS, requestTimeoutMs, settleEndsAt } from "./deadlines";
import type { Action } from "./decide";
import { caBefore, earlierCa } from "./earlier-ca";
import { CLUSTER_RECORD_TIMEOUT_MS, findRecord } from "./find-record";
import { makeRecord } from "./make-record";
import type { Observation } from "./observation";
import { type Look, observe } from "./observe";
import type { Doing, Outside } from "./outside";
import { Patience } from "./patience";
import { makePreflight } from "./preflight/make-preflight";
import { THOROUGH_PROBE } from "./probe-server-ca";
import { acceptedLine, askingLine, capacityLine, watchingLine } from "./progress-lines";
import { recordLine } from "./record-line";
import { type RunEnd, rotationFailed, timedOut } from "./run-errors";
import { startProbe, watchServerCa } from "./start-probe";
import { StatusReporter } from "./status-reporter";
import { brokenOffLine, refusedLine } from "./stop-message";
import { ROTATION_LOGIC, type RotationLogic, type Task } from "./task";
import { verificationAfterError, verificationWithoutAsking } from "./unverified";
import type { Verification } from "./verification";
import { VERIFY_TIMEOUT_MS, verifyTimeoutMs } from "./verify-timeout";

const PREFLIGHT_TIMEOUT_MS = 20_000;

type Found = Extract<Observation, { found: true }>;
type Evaluated = Look & { action: Action };

/**
 * One run of the rotator: observes, applies, decides, acts and sleeps until there is a record to return, or a reason to
 * stop. It does no I/O itself, so that tests can lead it through any history.
 */
export class RotationController<Wait> {
    readonly #ports: Outside<Wait>;
    #task: Task;
    readonly #logic: RotationLogic;
    readonly #deadlines: Deadlines;
    readonly #status: StatusReporter;
    readonly #retries = new Patience();
    #state: AttemptState = initialState;
    #last: Evaluated | undefined;
    readonly #startedAt: Date;
    #preflightDone = false;

    constructor(ports: Outside<Wait>, task: Task, logic: RotationLogic = ROTATION_LOGIC) {
        const { settings, beganAt } = task;
        this.#ports = ports;
        this.#task = task;
        this.#logic = logic;
        this.#deadlines = {
            runEndsAt: beganAt + settings.timeoutSeconds * 1000,
            settleTimeoutMs: settings.settleTimeoutSeconds * 1000,
        };
        this.#startedAt = ports.date();
        this.#status = new StatusReporter((line) => ports.tell(line), beganAt);
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
            const wait = {
                waitedMs: this.#status.waitedMs(now),
                action: this.#last?.action,
                notBefore: this.#state.notBefore,
            };
            yield* this.#ports.sleep(nextPollDelayMs(this.#deadlines, this.#settleEndsAt, now, wait));
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
                throw rotationFailed(action.reason, { ...this.#end, cluster });
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
        const { intent, record, settings } = this.#task;
        try {
            const look = yield* observe(
                this.#ports,
                settings.verify,
                (now) => earlierCa(intent, record, now),
                () => this.#timeoutMs(),
            );
            this.#retries.renew();
            this.#apply(look);
            if (look.apiServerError !== undefined && !this.#countsAsUnreachable()) {
                throw look.apiServerError;
            }
            yield* this.#learnFailure();
            this.#task = yield* findRecord(this.#ports, this.#task, look, this.#timeoutMs(CLUSTER_RECORD_TIMEOUT_MS));
            return this.#decide(look);
        } catch (error) {
            this.#tolerateTransient(error);
            // Azure's silence makes no wait longer: when its time is over, the last observation counts.
            const end = this.#settleEndsAt;
            if (this.#last === undefined || end === undefined || this.#ports.now() < end) {
                return undefined;
            }
            this.#apply(this.#last);
            return this.#decide(this.#last);
        }
    }

    /** After a rotation, an API server that cannot be asked for as long as `settleTimeout` counts as unreachable. */
    #countsAsUnreachable(): boolean {
        const { rotationObserved, settleTimeoutElapsed } = this.#state;
        return (rotationObserved || hasEffectiveRotation(this.#state)) && settleTimeoutElapsed;
    }

    /** Lets an error pass that a retry may overcome, once the cluster was seen. */
    #tolerateTransient(error: unknown): void {
        this.#assertTime();
        if (this.#state.provisioningState === undefined || !this.#retries.bears(error)) {
            this.#ports.tell(brokenOffLine(this.#state, this.#state.provisioningState?.name));
            throw error;
        }
        this.#report("silence", `Azure cannot be asked just now: ${wordsOf(error)}`);
    }

    #apply(look: Look): void {
        const { settleTimeoutMs } = this.#deadlines;
        this.#state = this.#logic.applyObservation(this.#state, look, this.#ports.now(), settleTimeoutMs);
        if (this.#state.rotationObserved) {
            this.#watchAvailability();
        }
    }

    /** Asks Azure why the last rotation of this run failed: what to do next depends on it. */
    *#learnFailure(): Doing<Wait, void> {
        const operation = this.#state.accepted?.operation;
        if (!isFailureUnknown(this.#state) || operation === undefined) {
            return;
        }
        try {
            const error = yield* this.#ports.operationError(operation, this.#timeoutMs(VERIFY_TIMEOUT_MS));
            this.#state = applyFailure(this.#state, error, this.#ports.now());
        } catch (cause) {
            if (!isTransient(cause) || this.#state.reconcileTimeElapsed) {
                this.#state = applyFailure(this.#state, undefined, this.#ports.now());
            } else if (this.#state.rotationCanceled) {
                // Whether a person has canceled it decides about everything else.
                throw cause;
            }
        }
    }

    #decide(look: Look): Evaluated {
        const { settings, command, intent, record } = this.#task;
        const { verify, generation, clusterId } = settings;
        const cluster: Observation =
            look.cluster.found && look.apiServerError !== undefined
                ? { ...look.cluster, apiServer: "unreachable" }
                : look.cluster;
        const attempt = this.#state;
        const action = this.#logic.decide({ clusterId, command, generation, record, intent, verify, cluster, attempt });
        this.#status.reportWait(action, cluster, attempt, {
            now: this.#ports.now(),
            serverAnswers: this.#ports.serverAnswers,
        });
        if (action.do !== "verify") {
            this.#state = applyVerification(this.#state, undefined);
        }
        this.#last = { ...look, cluster, action };
        return this.#last;
    }

    #watchAvailability(): void {
        const { firstCredentials } = this.#state;
        if (firstCredentials !== undefined && this.#task.settings.verify !== "off") {
            this.#ports.watchOutage(firstCredentials);
        }
    }

    *#startRotation(): Doing<Wait, void> {
        const { notBefore, failure } = this.#state;
        if (this.#ports.now() < notBefore) {
            if (failure?.error?.kind === "capacity") {
                this.#report("capacity", capacityLine(failure.error.text, notBefore - this.#ports.now()));
            }
            return;
        }
        const [, isUnchanged] = yield* this.#ports.both(this.#preflight(), this.#confirmServerCa());
        if (!isUnchanged) {
            return;
        }
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
                this.#status.reportBusy(response.message, this.#ports.now());
                break;
            case "none":
                this.#report(
                    "lost",
                    `Azure did not answer the request to rotate (${wordsOf(response.error)}); looking what came of it.`,
                );
        }
    }

    /**
     * Watches the API server before a rotation is started: while its replicas restart one by one after an earlier rotation,
     * a single connection can meet one that still has the CA of before.
     *
     * @returns whether no connection has shown another CA than that of before
     */
    *#confirmServerCa(): Doing<Wait, boolean> {
        const { cluster, credentials } = this.#last as Evaluated;
        const { intent, record } = this.#task;
        const isAsked = cluster.found && cluster.apiServer !== undefined && cluster.apiServer !== "unreachable";
        if (!isAsked || credentials === undefined || this.#state.serverCaConfirmed) {
            return true;
        }
        const now = this.#ports.now();
        const watchedMs = now - (this.#state.earlierServerCaSince ?? now);
        const schedule = startProbe({ intent, eTag: cluster.eTag, startedAt: this.#startedAt, watchedMs });
        if (schedule.overMs > THOROUGH_PROBE.overMs) {
            this.#report("watch", watchingLine(schedule.overMs));
        }
        const watch = { credentials, earlier: earlierCa(intent, record, credentials), schedule };
        try {
            const limitMs = this.#timeoutMs(REQUEST_TIMEOUT_MS + schedule.overMs);
            const finding = yield* watchServerCa(this.#ports, watch, limitMs);
            this.#state = applyServerCa(this.#state, finding);
            return finding === "confirmed";
        } catch (error) {
            this.#tolerateTransient(error);
            return false;
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
            resourceUID: cluster.resourceUID,
            rotated,
            started: hasEffectiveRotation(this.#state) ? this.#state.accepted?.at : undefined,
            finished: this.#ports.date(),
            caBefore: caBefore(intent, this.#task.record, this.#state.firstCredentials).fingerprints,
            caFingerprints: credentials.caFingerprints,
            outage: yield* this.#ports.endOutage(),
            verification,
        });
        this.#ports.tell(recordLine(record));
        return record;
    }

    /** Verifies through the API server; undefined where its answers are not right yet, but may be soon. */
    *#verify(rotated: boolean, cluster: Found, now: Kubeconfig): Doing<Wait, Verification | undefined> {
        const { settings, intent, record } = this.#task;
        const verified = { settings, rotated, cluster, server: now.server };
        const known = verificationWithoutAsking(verified);
        if (known !== undefined) {
            return known;
        }
        if (rotated && (this.#state.apiServerReached || settings.verify === "required")) {
            this.#state = applyVerification(this.#state, this.#verificationStart(cluster));
        }
        const { certificate } = caBefore(intent, record, this.#state.firstCredentials);
        const before = { caCertificate: certificate, credentials: this.#credentialsBefore(now) };
        try {
            const ms = verifyTimeoutMs(settings.verifyThrough, now.signIn !== undefined);
            return yield* this.#ports.verify({ rotated, now, before }, this.#timeoutMs(ms));
        } catch (error) {
            this.#assertTime();
            const end = this.#settleEndsAt;
            if (end !== undefined && this.#ports.now() < end) {
                this.#report("verify", `The API server is not ready yet: ${wordsOf(error)}`);
                return undefined;
            }
            return verificationAfterError(error, verified, this.#end);
        }
    }

    /** A server that does not answer is waited for since Azure's Succeeded, not since the first try. */
    #verificationStart(cluster: Found): number {
        const now = this.#ports.now();
        const seen = [this.#last?.at ?? now, this.#state.finalState?.since ?? now];
        return cluster.apiServer === "unreachable" ? Math.min(...seen) : now;
    }

    /** The credentials of before the rotation, if this process has read them. */
    #credentialsBefore(now: Kubeconfig): Kubeconfig | undefined {
        const first = this.#state.firstCredentials;
        return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
    }

    #assertTime(): void {
        if (this.#ports.now() >= this.#deadlines.runEndsAt) {
            throw timedOut(this.#status.text, this.#end);
        }
    }

    get #end(): RunEnd {
        return { ...this.#task, state: this.#state, cluster: this.#last?.cluster, now: this.#ports.now() };
    }

    #report(kind: string, text: string): void {
        this.#status.report(kind, text, this.#ports.now());
    }

    get #settleEndsAt(): number | undefined {
        return settleEndsAt(this.#deadlines, this.#state, this.#last?.action);
    }

    #timeoutMs(limitMs?: number): number {
        return requestTimeoutMs(this.#deadlines, this.#settleEndsAt, this.#ports.now(), limitMs);
    }
}
