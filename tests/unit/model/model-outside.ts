import type { ManagedCluster, Start } from "../../../azure/cluster";
import type { Kubeconfig } from "../../../formats/kubeconfig";
import type { Check } from "../../../formats/record";
import type { EarlierCa } from "../../../rotator/earlier-ca";
import type { Outage } from "../../../rotator/outage";
import type { Doing, Outside, Question } from "../../../rotator/outside";
import type { Finding } from "../../../rotator/preflight/finding";
import type { Looked } from "../../../rotator/preflight/preflight";
import { type ProbeSchedule, probeServerCaRepeatedly, type ServerCa } from "../../../rotator/probe-server-ca";
import type { VerifyMode } from "../../../rotator/settings";
import { CheckFailed, type Verification } from "../../../rotator/verification";
import type { Brain } from "./brain";
import type { Pause } from "./points";
import { type Moment, onItsWayMs, type Reason } from "./promises";
import type { Story } from "./story";
import { UpFailed } from "./up-failed";
import type { Shown } from "./verified";
import type { World } from "./world";

const requestMs = 200;

/** What the world is looked at for. */
export interface Use {
    verify: VerifyMode;
    /** Where the engine is during a look. */
    looksAt: Pause["at"];
    /** The engine that waits for what comes of it. */
    engine: { diedAt: number | undefined };
    /** Asked when a request to rotate reaches Azure: why there is one. Without it none may come. */
    reasonToStart?: () => Reason;
}

/** The world as the rotator's own loop meets it: pauses for what takes time, at which the engine can die. */
export class ModelOutside implements Outside<Pause> {
    readonly serverAnswers = undefined;
    /** When the last look began. */
    lookedAt = 0;
    /** The truth when the credentials were last read. */
    truth: Moment = { from: 0, at: 0, ca: -1, lagged: false, blind: false };
    /** Whether a request to rotate had no answer. */
    answerLost = false;
    /** Whether a request to rotate broke a promise: what a run says of that is no part of a story. */
    private isBroken = false;
    private state = "";
    private stopped = false;
    private verified: string | undefined;
    private readonly held = new Set<string>();
    /** Whether the last look showed nothing of which the API server can tell. */
    private hidden = false;

    constructor(
        private readonly world: World<Reason>,
        private readonly brain: Brain,
        private readonly story: Story | undefined,
        private readonly use: Use,
    ) {}

    /** What was shown so far. */
    get shown(): Shown {
        const { state, stopped, held } = this;
        return { verify: this.use.verify, state, stopped, apiServer: this.verified, held };
    }

    now(): number {
        return this.world.now;
    }

    date(): Date {
        return new Date(this.world.now);
    }

    /** The first sentence of what is new: the rest, and how long a thing has been so, makes a story longer and no better. */
    tell(line: string): void {
        if (this.story !== undefined && !this.isBroken && !/\((\d+ m )?\d+ s\)$/.test(line)) {
            this.story.tell(`${this.isOrphan ? "an orphan: " : ""}${line.replace(/\.( .*)?$/, "")}`);
        }
    }

    *sleep(ms: number): Doing<Pause, void> {
        yield { at: "while it waits", ms };
    }

    *look(withinMs: number): Doing<Pause, ManagedCluster | undefined> {
        this.lookedAt = this.world.now;
        yield* this.azureRequest(withinMs);
        const cluster = this.world.look();
        const isHidden = cluster?.stopped || cluster?.provisioningState === "RotatingClusterCertificates";
        this.hidden = isHidden || this.use.verify === "off";
        this.state = cluster?.provisioningState ?? "";
        this.stopped = cluster?.stopped ?? false;
        return cluster;
    }

    *credentials(withinMs: number): Doing<Pause, Kubeconfig> {
        yield* this.azureRequest(withinMs);
        const { world } = this;
        const served = world.credentials();
        if (served === undefined) {
            throw new UpFailed("404");
        }
        const ca = world.cluster?.ca ?? -1;
        this.truth = { from: this.lookedAt, at: world.now, ca, lagged: world.lags, blind: this.hidden };
        this.held.add(nameOf(served));
        return { server: "", caCertificate: nameOf(served), caFingerprints: [nameOf(served)], ca: [] };
    }

    *both<One, Other>(one: Doing<Pause, One>, other: Doing<Pause, Other>): Doing<Pause, [One, Other]> {
        return [yield* one, yield* other];
    }

    *serverCa(
        credentials: Kubeconfig,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<Pause, ServerCa | "unreachable"> {
        yield* this.request(this.use.looksAt, withinMs);
        const shown = this.handshake(credentials, earlier);
        if (shown === "unreachable" || schedule.connections === 1) {
            return shown;
        }
        const self = this;
        return yield* probeServerCaRepeatedly<Pause>({
            ...schedule,
            clock: this,
            *handshake() {
                yield { at: self.use.looksAt, ms: 0 };
                const again = self.handshake(credentials, earlier);
                return again === "unreachable" ? { credentials: "mismatch", intent: undefined } : again;
            },
        });
    }

    private handshake(credentials: Kubeconfig, earlier: EarlierCa | undefined): ServerCa | "unreachable" {
        const ca = this.caOfServer();
        const shows = this.brain.apiServerShows(ca === undefined ? undefined : nameOf(ca), credentials.caCertificate);
        if (shows === "unreachable" || ca === undefined) {
            return "unreachable";
        }
        const isEarlier = earlier?.fingerprints.includes(shows === "sameCa" ? credentials.caCertificate : nameOf(ca));
        return {
            credentials: shows === "sameCa" ? "match" : "mismatch",
            intent: isEarlier === undefined ? undefined : isEarlier ? "match" : "mismatch",
        };
    }

    /** Finds nothing, and takes its time: what can happen meanwhile counts. */
    *preflight(_looked: Looked, withinMs: number): Doing<Pause, Finding[]> {
        yield { at: this.use.looksAt, ms: Math.min(requestMs, withinMs) };
        return [];
    }

    *startRotation(withinMs: number): Doing<Pause, Start> {
        yield { at: "before the POST", ms: 0 };
        while (!this.brain.asks(!this.isOrphan)) {
            // It has ended.
            yield { at: "before the POST", ms: Number.POSITIVE_INFINITY };
        }
        yield { at: "while the POST is on its way", ms: onItsWayMs };
        // Only an answer that has come is one.
        const hadLost = this.answerLost;
        this.answerLost = true;
        const reason = this.use.reasonToStart?.();
        if (reason === undefined) {
            throw new Error("A snapshot rotates nothing.");
        }
        this.isBroken = true;
        const { answer, afterMs, waitSeconds } = this.world.post(reason, withinMs);
        this.isBroken = false;
        yield* this.wait("between POST and answer", afterMs, withinMs);
        yield { at: "after the answer", ms: 0 };
        this.answerLost = hadLost || answer === "none";
        switch (answer) {
            case "accepted":
                return { answer };
            case "busy":
                return { answer, message: "409", waitSeconds };
            case "none":
                return { answer, error: new Error("none came") };
            case "refused":
                throw new UpFailed("404");
        }
    }

    *operationError(_operation: string, withinMs: number): Doing<Pause, undefined> {
        yield* this.request("before a look", withinMs);
    }

    *verify({ rotated, now, before }: Question, withinMs: number): Doing<Pause, Verification> {
        this.verified = undefined;
        yield* this.request("before the verification", withinMs);
        const ca = this.caOfServer();
        if (ca === undefined) {
            throw new Error("the API server cannot be reached");
        }
        const isOld = rotated && nameOf(ca) === before.caCertificate;
        if (nameOf(ca) !== now.caCertificate || isOld) {
            throw new CheckFailed(`the API server has a certificate of ${nameOf(ca)}`);
        }
        this.verified = nameOf(ca);
        const credentials: Check[] = ["newCaAccepted", "newCredentialsAccepted"];
        if (!rotated) {
            return { verified: credentials, notVerified: [], apiServerCertificate: null };
        }
        const verified: Check[] = ["provisioningState", "caChanged", ...credentials, "oldCaRefused"];
        const oldClient: Check = "oldClientCertificateRefused";
        return before.credentials === undefined
            ? { verified, notVerified: [{ check: oldClient, reason: "not held" }], apiServerCertificate: null }
            : { verified: [...verified, oldClient], notVerified: [], apiServerCertificate: null };
    }

    private get isOrphan(): boolean {
        return this.use.engine.diedAt !== undefined;
    }

    private caOfServer(): number | undefined {
        const ca = this.world.serverCa();
        this.truth = { ...this.truth, blind: ca === undefined };
        return ca;
    }

    watchOutage(): void {}

    *endOutage(): Doing<Pause, Outage | null> {
        yield { at: "before the record is saved", ms: 0 };
        return null;
    }

    private *azureRequest(withinMs: number): Doing<Pause, void> {
        const hangsMs = this.world.azureHangsUntil - this.world.now;
        yield* this.wait(this.use.looksAt, Math.max(requestMs, hangsMs), withinMs);
    }

    private *request(at: Pause["at"], withinMs: number): Doing<Pause, void> {
        yield* this.wait(at, requestMs, withinMs);
    }

    private *wait(at: Pause["at"], ms: number, withinMs: number): Doing<Pause, void> {
        yield { at, ms: Math.min(ms, withinMs) };
        if (ms > withinMs) {
            throw new DOMException("no answer in time", "TimeoutError");
        }
    }
}

function nameOf(ca: number): string {
    return `CA ${ca}`;
}
