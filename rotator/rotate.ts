import { setTimeout as sleep } from "node:timers/promises";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";
import type { Azure } from "./azure";
import { decide, type Observation, type Step } from "./decide";
import { isAbort, isTransient } from "./explain";
import { observe } from "./observe";
import { OutageObserver } from "./outage";
import { paceMs } from "./pace";
import { Reporter, spoken } from "./progress";
import { afterLook, afterStart, newRun, type Run } from "./run";
import type { RotateSettings } from "./settings";
import { stopMessage } from "./stop-message";
import {
    CheckFailed,
    type GetToken,
    type Verification,
    verifyAdoption,
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

type Settled = Extract<Step, { do: "verify" | "adopt" | "keep" }>;
type Found = Extract<Observation, { found: true }>;

/** One run of the rotator: looks, decides and acts until there is a record to return, or a reason to stop. */
export class Rotation {
    private readonly began = performance.now();
    private readonly reporter: Reporter;
    private run: Run = newRun;
    private started: Date | undefined;
    private operation: string | undefined;
    private lastError: string | undefined;
    private notBefore = 0;
    private status = { text: "", since: this.began };
    private firstCredentials: Kubeconfig | undefined;
    private outage: OutageObserver | undefined;
    /** A server that could never be reached is not waited for in the end. */
    private reached = false;

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
                const { step, cluster, credentials } = await this.next();
                if (step.do === "keep") {
                    return step.record;
                }
                if (step.do === "stop") {
                    throw new Error(await this.stopBecause(step, cluster));
                }
                if (step.do === "adopt" || step.do === "verify") {
                    return await this.conclude(step, cluster as Found, credentials);
                }
                if (step.do === "rotate") {
                    await this.start();
                }
                await this.pause();
            }
        } finally {
            await this.outage?.stop();
        }
    }

    /** Looks at the cluster and decides. A look that fails while we wait is no reason to stop waiting. */
    private async next(): Promise<{ step: Step; cluster?: Observation; credentials?: Kubeconfig }> {
        const { settings, intent } = this;
        this.assertTime();
        try {
            const { cluster, credentials } = await observe(this.means.azure, intent, settings.verify, this.signal());
            this.note(cluster, credentials);
            const step = decide({
                generation: settings.generation,
                record: this.record,
                intent,
                verify: settings.verify,
                cluster,
                run: this.run,
            });
            this.report(step, cluster);
            return { step, cluster, credentials };
        } catch (error) {
            const late = performance.now() - this.began > settings.timeoutSeconds * 1000;
            if (late || (this.run.started === 0 && !this.run.seen) || !isTransient(error)) {
                this.assertTime();
                throw error;
            }
            this.say(
                `Azure cannot be asked just now: ${isAbort(error) ? "no answer in time" : (error as Error).message}`,
            );
            return { step: { do: "wait", for: "rotation" } };
        }
    }

    private note(cluster: Observation, credentials: Kubeconfig | undefined): void {
        const { verify, settleTimeoutSeconds } = this.settings;
        const before = this.run;
        this.run = afterLook(before, cluster, performance.now(), settleTimeoutSeconds * 1000);
        if (credentials !== undefined) {
            this.firstCredentials ??= credentials;
            this.outage ??= verify === "off" ? undefined : new OutageObserver(credentials);
        }
        if (!cluster.found) {
            return;
        }
        this.reached ||= cluster.apiServer === "intentCa" || cluster.apiServer === "anotherCa";
        if (this.run.seen) {
            this.outage?.start();
        }
        if (this.run.failed > before.failed) {
            this.lastError = cluster.provisioningState;
        }
    }

    private async start(): Promise<void> {
        const { means } = this;
        if (performance.now() < this.notBefore) {
            return;
        }
        means.assertParent();
        this.outage?.start();
        const answer = await means.azure.startRotation(this.signal());
        const now = performance.now();
        this.run = afterStart(this.run, answer.answer, now);
        switch (answer.answer) {
            case "accepted":
                this.started ??= new Date();
                this.operation = answer.operation;
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

    private async conclude(step: Settled, cluster: Found, known: Kubeconfig | undefined): Promise<RotationRecord> {
        const { settings, intent, run } = this;
        const now = known ?? (await this.means.azure.credentials(this.signal()));
        const rotated = step.do === "verify";
        const verification = await this.verify(rotated, cluster, now);
        const finished = new Date();
        const outage = (await this.outage?.stop()) ?? null;
        const started = rotated ? this.started : undefined;
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

    /** Asks the API server until the answers are right; it may need a while to come back after a rotation. */
    private async verify(rotated: boolean, cluster: Found, now: Kubeconfig): Promise<Verification> {
        const { settings, intent } = this;
        const byAzure = rotated ? (["provisioningState", "caChanged"] as const) : [];
        if (settings.verify === "off") {
            return withoutApiServer([...byAzure], "verify is off");
        }
        if (cluster.stopped) {
            return withoutApiServer([...byAzure], "the cluster is stopped");
        }
        const before = { caCertificate: intent.caCertificate, credentials: this.credentialsBefore(now) };
        const began = performance.now();
        const patienceMs = rotated && this.reached ? settings.settleTimeoutSeconds * 1000 : 0;
        for (;;) {
            try {
                return rotated
                    ? await verifyRotation(now, before, this.means.getToken, this.signal(10_000))
                    : await verifyAdoption(now, this.means.getToken, this.signal(10_000));
            } catch (error) {
                this.assertTime();
                const { message } = error as Error;
                if (performance.now() - began >= patienceMs) {
                    if (settings.verify === "bestEffort" && !(error instanceof CheckFailed)) {
                        return withoutApiServer([...byAzure], `the API server could not be asked: ${message}`);
                    }
                    throw new Error(verificationFailed(rotated, message, now.server));
                }
                this.say(`The API server is not ready yet: ${message}`);
                await this.pause();
            }
        }
    }

    /** The credentials of before the rotation, if this process has seen them. */
    private credentialsBefore(now: Kubeconfig): Kubeconfig | undefined {
        const first = this.firstCredentials;
        return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
    }

    private async stopBecause(step: Extract<Step, { do: "stop" }>, cluster: Observation | undefined): Promise<string> {
        const { operation, settings } = this;
        let azureSays: string | undefined;
        if (step.because === "failedThrice" && operation !== undefined) {
            azureSays = await this.means.azure.operationError(operation, this.signal()).catch(() => undefined);
        }
        return stopMessage(step.because, settings, cluster, azureSays ?? this.lastError);
    }

    private report(step: Step, cluster: Observation): void {
        if (!cluster.found || step.do !== "wait") {
            return;
        }
        const lacksServer = this.outage?.answers === false ? "; the API server does not answer" : "";
        const texts = {
            rotation: `The cluster is ${cluster.provisioningState}${lacksServer}`,
            operation: `Waiting for another operation to end: the cluster is ${cluster.provisioningState}`,
            credentials: "Azure says Succeeded; waiting for the new credentials",
            answer: "Waiting to see whether the request to rotate has reached Azure",
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

    private async pause(): Promise<void> {
        const waited = performance.now() - this.status.since;
        await sleep(paceMs(waited));
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

    private signal(ms = requestMs): AbortSignal {
        const left = this.began + this.settings.timeoutSeconds * 1000 - performance.now();
        return AbortSignal.timeout(Math.max(1, Math.round(Math.min(ms, left))));
    }
}

function verificationFailed(rotated: boolean, message: string, server: string): string {
    return (
        `${rotated ? "The cluster was rotated, but the result cannot be verified" : "The cluster cannot be adopted"}: ` +
        `${message} (${server}).\n` +
        "Make the API server reachable from this machine and run pulumi up again (nothing is rotated a second time), " +
        'or set verify to "bestEffort" (records what was not checked) or "off".'
    );
}
