import { setTimeout as sleep } from "node:timers/promises";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import type { Azure } from "./azure";
import { decide, type Step } from "./decide";
import { isAbort, isTransient } from "./explain";
import { inTime } from "./in-time";
import type { Observation } from "./observation";
import { type Look, observe } from "./observe";
import { OutageObserver } from "./outage";
import { paceMs } from "./pace";
import { Reporter, spoken } from "./progress";
import { afterLook, afterStart, newRun, type Run } from "./run";
import type { RotateSettings } from "./settings";
import { stopMessage, verificationFailed } from "./stop-message";
import {
    CheckFailed,
    type GetToken,
    type Verification,
    verifyCredentials,
    verifyRotation,
    withoutApiServer,
} from "./verify";

/** What a rotation needs from outside. */
export interface Means {
    azure: Azure;
    getToken: GetToken;
    /** Ends this process when nobody would keep its result any more; called right before anything is changed. */
    assertParent: () => void;
    tell: (line: string) => void;
}

const requestMs = 60_000;
const checkMs = 10_000;

type Found = Extract<Observation, { found: true }>;
type Looked = Look & { step: Step };

/** One run of the rotator: looks, decides and acts until there is a record to return, or a reason to stop. */
export class Rotation {
    private readonly began = performance.now();
    private readonly reporter: Reporter;
    private run: Run = newRun;
    /** When a rotation was last asked for. */
    private askedAt: Date | undefined;
    private started: Date | undefined;
    private operation: string | undefined;
    private notBefore = 0;
    private status = { text: "", since: this.began };
    private looked = false;
    private firstCredentials: Kubeconfig | undefined;
    private outage: OutageObserver | undefined;
    /** A server that could never be reached is not waited for in the end. */
    private reached = false;
    private verifyingSince: number | undefined;

    constructor(
        private readonly means: Means,
        private readonly settings: RotateSettings,
        private readonly intent: Intent,
        private readonly record: RotationRecord | undefined,
    ) {
        this.reporter = new Reporter(means.tell);
    }

    /**
     * Brings the cluster to the generation, and tells what is known then.
     *
     * @throws Error whose message says what happened, what state the cluster is in and what to do; RestError
     */
    async finish(): Promise<RotationRecord> {
        try {
            for (;;) {
                const record = await this.round();
                if (record !== undefined) {
                    return record;
                }
                await sleep(paceMs(performance.now() - this.status.since));
            }
        } finally {
            await this.outage?.stop();
        }
    }

    private async round(): Promise<RotationRecord | undefined> {
        this.assertTime();
        const looked = await this.lookAgain();
        if (looked === undefined) {
            return undefined;
        }
        const { step, cluster, credentials } = looked;
        switch (step.do) {
            case "keep":
                return step.record;
            case "stop":
                throw new Error(stopMessage(step.because, this.settings, cluster, await this.operationError()));
            case "adopt":
            case "verify":
                return this.conclude(step.do === "verify", cluster as Found, credentials);
            case "rotate":
                await this.start();
                return undefined;
            case "wait":
                return undefined;
        }
    }

    /** A look; undefined where it failed, but may succeed later: a cluster that was there is waited for. */
    private async lookAgain(): Promise<Looked | undefined> {
        try {
            return await this.look();
        } catch (error) {
            this.assertTime();
            if (!this.looked || !isTransient(error)) {
                throw error;
            }
            this.say(`Azure cannot be asked just now: ${isAbort(error) ? "no answer in time" : messageOf(error)}`);
            return undefined;
        }
    }

    private async look(): Promise<Looked> {
        const { settings, intent, means } = this;
        const { verify, generation, settleTimeoutSeconds } = settings;
        const look = await inTime((signal) => observe(means.azure, verify, signal), this.signal());
        this.looked = true;
        this.note(look, settleTimeoutSeconds * 1000);
        const { cluster } = look;
        const step = decide({ generation, record: this.record, intent, verify, cluster, run: this.run });
        this.report(step, cluster);
        if (step.do !== "verify") {
            this.verifyingSince = undefined;
        }
        return { ...look, step };
    }

    private note({ cluster, credentials }: Look, settleMs: number): void {
        const { started } = this.run;
        this.run = afterLook(this.run, cluster, performance.now(), settleMs);
        if (credentials !== undefined) {
            this.firstCredentials ??= credentials;
            this.outage ??= this.settings.verify === "off" ? undefined : new OutageObserver(credentials);
        }
        if (cluster.found && (cluster.apiServer === "sameCa" || cluster.apiServer === "anotherCa")) {
            this.reached = true;
        }
        if (this.run.seen) {
            this.outage?.start();
        }
        if (this.run.started > started) {
            this.started ??= this.askedAt;
        }
    }

    private async start(): Promise<void> {
        const { means } = this;
        if (performance.now() < this.notBefore) {
            return;
        }
        // Another one can have acted since the look: the last one before the request is as young as can be.
        if ((await this.lookAgain())?.step.do !== "rotate") {
            return;
        }
        means.assertParent();
        this.askedAt = new Date();
        const answer = await means.azure.startRotation(this.signal());
        const now = performance.now();
        this.run = afterStart(this.run, answer.answer, now);
        switch (answer.answer) {
            case "accepted":
                this.started ??= this.askedAt;
                this.operation = answer.operation;
                this.outage?.start();
                this.say(`Azure has accepted the rotation${this.run.started > 1 ? ` (try ${this.run.started})` : ""}.`);
                break;
            case "busy":
                this.notBefore = now + (answer.waitSeconds ?? 0) * 1000;
                this.say(`Azure does not start a rotation now: ${answer.message}`);
                break;
            case "none":
                this.say(
                    `Azure did not answer the request to rotate (${answer.error.message}); looking what came of it.`,
                );
        }
    }

    /** The record, once the cluster is verified; undefined while its API server may still be on the way. */
    private async conclude(
        rotated: boolean,
        cluster: Found,
        known: Kubeconfig | undefined,
    ): Promise<RotationRecord | undefined> {
        const { settings, intent, run, means } = this;
        const now = known ?? (await inTime((signal) => means.azure.credentials(signal), this.signal()));
        const verification = await this.verify(rotated, cluster, now);
        if (verification === undefined) {
            return undefined;
        }
        const finished = new Date();
        const outage = (await this.outage?.stop()) ?? null;
        const started = rotated && run.started > 0 ? this.started : undefined;
        return {
            record: 1,
            generation: settings.generation,
            outcome: !rotated ? "adopted" : run.started > 0 ? "rotated" : "found rotated",
            clusterId: settings.clusterId,
            resourceUID: cluster.resourceUID,
            started: started?.toISOString() ?? null,
            finished: finished.toISOString(),
            durationSeconds:
                started === undefined ? null : Math.round((finished.getTime() - started.getTime()) / 100) / 10,
            caBefore: rotated ? intent.caFingerprints : now.caFingerprints,
            caAfter: now.caFingerprints,
            outage: rotated ? outage : null,
            ...verification,
        };
    }

    /** Asks the API server; undefined where the answers are not right yet, but may be soon: it is looked at anew then. */
    private async verify(rotated: boolean, cluster: Found, now: Kubeconfig): Promise<Verification | undefined> {
        const { settings, intent, means } = this;
        const byAzure = rotated ? (["provisioningState", "caChanged"] as const) : [];
        if (settings.verify === "off" || cluster.stopped) {
            return withoutApiServer([...byAzure], cluster.stopped ? "the cluster is stopped" : "verify is off");
        }
        this.verifyingSince ??= performance.now();
        const before = { caCertificate: intent.caCertificate, credentials: this.credentialsBefore(now) };
        try {
            return await inTime(
                (signal) =>
                    rotated
                        ? verifyRotation(now, before, means.getToken, signal)
                        : verifyCredentials(now, means.getToken, signal),
                this.signal(checkMs),
            );
        } catch (error) {
            this.assertTime();
            const patienceMs = rotated && this.reached ? settings.settleTimeoutSeconds * 1000 : 0;
            if (performance.now() - this.verifyingSince < patienceMs) {
                this.say(`The API server is not ready yet: ${messageOf(error)}`);
                return undefined;
            }
            const wrong = error instanceof CheckFailed;
            if (settings.verify === "bestEffort" && !wrong) {
                return withoutApiServer([...byAzure], `the API server could not be asked: ${messageOf(error)}`);
            }
            throw new Error(verificationFailed(rotated, wrong, messageOf(error), now.server));
        }
    }

    /** The credentials of before the rotation, if this process has seen them. */
    private credentialsBefore(now: Kubeconfig): Kubeconfig | undefined {
        const first = this.firstCredentials;
        return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
    }

    /** What Azure says of the operation that was started last, where that was in this run. */
    private async operationError(): Promise<string | undefined> {
        const { operation, means } = this;
        if (operation === undefined) {
            return undefined;
        }
        return inTime((signal) => means.azure.operationError(operation, signal), this.signal(checkMs)).catch(
            () => undefined,
        );
    }

    private report(step: Step, cluster: Observation): void {
        if (!cluster.found || step.do !== "wait") {
            return;
        }
        const lacksServer = this.outage?.answers === false ? "; the API server does not answer" : "";
        const texts = {
            rotation: `The cluster is ${cluster.provisioningState}${lacksServer}`,
            operation: `Waiting for another operation to end: the cluster is ${cluster.provisioningState}`,
            credentials: `Azure says ${cluster.provisioningState}; waiting for the new credentials`,
            answer: "Waiting to see what came of the request to rotate",
        };
        this.say(texts[step.for]);
    }

    private say(text: string): void {
        const now = performance.now();
        if (text !== this.status.text) {
            this.status = { text, since: now };
        }
        this.reporter.report(text, now - this.status.since, now);
    }

    private assertTime(): void {
        const { timeoutSeconds, clusterName } = this.settings;
        if (performance.now() - this.began > timeoutSeconds * 1000) {
            throw new Error(
                `The rotation of ${clusterName} was not complete within ${spoken(timeoutSeconds * 1000)} (timeout). ` +
                    `Last seen: ${this.status.text || "nothing"}.\n` +
                    "Azure goes on by itself. Run pulumi up again to wait on, with a longer timeout if need be: " +
                    "a rotation that is under way or has happened is not started a second time.",
            );
        }
    }

    /** For one request: no longer than the time that is left for all. */
    private signal(ms = requestMs): AbortSignal {
        const left = this.began + this.settings.timeoutSeconds * 1000 - performance.now();
        return AbortSignal.timeout(Math.max(1, Math.round(Math.min(ms, left))));
    }
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
