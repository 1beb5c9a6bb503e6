import type { Start } from "../azure/cluster";
import { isAbort, wordsOf } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import {
    type AttemptState,
    applyServerCa,
    applyVerification,
    hasEffectiveRotation,
    initialState,
} from "./attempt-state";
import { type Deadlines, nextPollDelayMs, REQUEST_TIMEOUT_MS, requestTimeoutMs, settleEndsAt } from "./deadlines";
import type { Action } from "./decide";
import { caBefore, credentialsBefore, earlierCa } from "./earlier-ca";
import { CLUSTER_RECORD_TIMEOUT_MS, findRecord } from "./find-record";
import { learnFailure } from "./learn-failure";
import { makeRecord } from "./make-record";
import { isAsked, type Observation } from "./observation";
import { type Look, observe } from "./observe";
import type { Doing, Outside } from "./outside";
import { Patience } from "./patience";
import { makePreflight } from "./preflight/make-preflight";
import { THOROUGH_PROBE } from "./probe-server-ca";
import { askingLine, followingLine, watchingLine } from "./progress-lines";
import { recordLine } from "./record-line";
import { type RunEnd, rotationFailed, timedOut } from "./run-errors";
import { showsAnotherCa, startProbe, watchServerCa } from "./start-probe";
import { StatusReporter } from "./status-reporter";
import { brokenOffLine, refusedLine } from "./stop-message";
import { ROTATION_LOGIC, type RotationLogic, type Task } from "./task";
import { verificationAfterError, verificationWithoutAsking } from "./unverified";
import { CheckFailed, type Verification } from "./verification";
import { VERIFY_TIMEOUT_MS, verifyTimeoutMs } from "./verify-timeout";

const PREFLIGHT_TIMEOUT_MS = 20_000;

/** How early a timer may fire, in milliseconds. */
const TIMER_SLACK_MS = 10;

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
    /** The last wrong answer of the present verification: no later silence makes it undone. */
    #wrongAnswer: CheckFailed | undefined;

    constructor(ports: Outside<Wait>, task: Task, logic: RotationLogic = ROTATION_LOGIC) {
        const { settings, beganAt } = task;
        this.#ports = ports;
        this.#task = task;
        this.#logic = logic;
        const [timeoutMs, settleTimeoutMs] = [settings.timeoutSeconds * 1000, settings.settleTimeoutSeconds * 1000];
        this.#deadlines = { runEndsAt: beganAt + timeoutMs, settleTimeoutMs };
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
                if (yield* this.#mustFollow(cluster, credentials)) {
                    return undefined;
                }
                return yield* this.#verifyAndRecord(false, cluster as Found, credentials);
            case "verify":
                return yield* this.#verifyAndRecord(true, cluster as Found, credentials);
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
            if (look.apiServerError !== undefined && this.#needsApiServer(look)) {
                throw look.apiServerError;
            }
            this.#state = yield* learnFailure(this.#ports, this.#state, this.#timeoutMs(VERIFY_TIMEOUT_MS));
            const ms = this.#timeoutMs(CLUSTER_RECORD_TIMEOUT_MS);
            this.#task = yield* findRecord(this.#ports, this.#task, look, ms, !this.#state.reconcileTimeElapsed);
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

    /** Whether an API server that could not be asked is asked again; after `settleTimeout` it counts as unreachable. */
    #needsApiServer({ cluster, apiServerError }: Look): boolean {
        const { settleTimeoutElapsed, rotationObserved } = this.#state;
        // The end of the wait cuts a request short, which says nothing of the API server; after a rotation it must answer.
        const isCutShort = isAbort(apiServerError) && !rotationObserved && !hasEffectiveRotation(this.#state);
        return (!settleTimeoutElapsed || isCutShort) && this.#actionFor(cluster).do !== "noop";
    }

    /** Lets an error pass that a retry may overcome, once the cluster was seen. */
    #tolerateTransient(error: unknown): void {
        // A timer can fire a little before its time: a request that was given all the time that is left has used it up.
        this.#assertTime(isAbort(error) ? TIMER_SLACK_MS : 0);
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

    #actionFor(cluster: Observation): Action {
        const { settings, command, intent, record } = this.#task;
        const { verify, generation, clusterId } = settings;
        const attempt = this.#state;
        return this.#logic.decide({ clusterId, command, generation, record, intent, verify, cluster, attempt });
    }

    #decide(look: Look): Evaluated {
        const cluster: Observation =
            look.cluster.found && look.apiServerError !== undefined
                ? { ...look.cluster, apiServer: "unreachable" }
                : look.cluster;
        const action = this.#actionFor(cluster);
        const { serverAnswers } = this.#ports;
        this.#status.reportWait(action, cluster, this.#state, { now: this.#ports.now(), serverAnswers });
        if (action.do !== "verify") {
            this.#state = applyVerification(this.#state, undefined);
            this.#wrongAnswer = undefined;
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
        if (this.#ports.now() < this.#state.notBefore) {
            this.#status.reportDelay(this.#state, this.#ports.now());
            return;
        }
        const [, isUnchanged] = yield* this.#ports.both(this.#preflight(), this.#confirmServerCa());
        if (!isUnchanged) {
            return;
        }
        // Another run can have acted since: the last observation before the request is as recent as can be.
        if ((yield* this.#observeCluster())?.action.do !== "rotate" || this.#canWatchServerCa()) {
            return;
        }
        this.#assertTime();
        this.#ports.tell(askingLine);
        const requestedAt = this.#ports.date();
        const response = yield* this.#sendStartRequest();
        this.#state = this.#logic.applyStartResponse(this.#state, response, this.#ports.now(), requestedAt);
        if (response.answer === "accepted") {
            this.#watchAvailability();
        }
        this.#status.reportStart(response, this.#state.started, this.#ports.now());
    }

    /** Before an adoption: whether a replica of the API server shows another CA than the credentials, and they may follow. */
    *#mustFollow(cluster: Observation, credentials: Kubeconfig | undefined): Doing<Wait, boolean> {
        if (!isAsked(cluster) || credentials === undefined || this.#state.settleTimeoutElapsed) {
            return false;
        }
        try {
            const mustFollow = yield* showsAnotherCa(this.#ports, credentials, this.#timeoutMs());
            if (mustFollow) {
                this.#report("follow", followingLine);
            }
            return mustFollow;
        } catch (error) {
            this.#tolerateTransient(error);
            return true;
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
        if (!this.#canWatchServerCa() || !cluster.found || credentials === undefined) {
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

    /** Whether the API server can be watched, and was not since the cluster was last changed. */
    #canWatchServerCa(): boolean {
        return isAsked(this.#last?.cluster) && !this.#state.serverCaConfirmed;
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
        const before = {
            caCertificate: certificate,
            credentials: credentialsBefore(this.#state.firstCredentials, now),
        };
        try {
            const ms = verifyTimeoutMs(settings.verifyThrough, now.signIn !== undefined);
            return yield* this.#ports.verify({ rotated, now, before }, this.#timeoutMs(ms));
        } catch (error) {
            this.#assertTime();
            this.#wrongAnswer = error instanceof CheckFailed ? error : this.#wrongAnswer;
            const end = this.#settleEndsAt;
            if (end !== undefined && this.#ports.now() < end) {
                this.#report("verify", `The API server is not ready yet: ${wordsOf(error)}`);
                return undefined;
            }
            return verificationAfterError(this.#wrongAnswer ?? error, verified, this.#end);
        }
    }

    /** A server that does not answer is waited for since Azure's Succeeded, not since the first try. */
    #verificationStart(cluster: Found): number {
        const now = this.#ports.now();
        const seen = [this.#last?.at ?? now, this.#state.finalState?.since ?? now];
        return cluster.apiServer === "unreachable" ? Math.min(...seen) : now;
    }

    #assertTime(slackMs = 0): void {
        if (this.#ports.now() + slackMs >= this.#deadlines.runEndsAt) {
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
