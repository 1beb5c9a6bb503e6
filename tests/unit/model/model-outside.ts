import type { ManagedCluster, Start } from "../../../azure/cluster";
import type { Kubeconfig } from "../../../formats/kubeconfig";
import type { Check } from "../../../formats/record";
import type { Outage } from "../../../rotator/outage";
import type { ApiServerShows, Doing, Outside, Question } from "../../../rotator/outside";
import type { Finding } from "../../../rotator/preflight/finding";
import type { Looked } from "../../../rotator/preflight/preflight";
import type { VerifyMode } from "../../../rotator/settings";
import { CheckFailed, type Verification } from "../../../rotator/verification";
import type { Brain } from "./brain";
import type { Pause } from "./points";
import { type Moment, onItsWayMs, type Reason, type Start as Rotation } from "./promises";
import type { Known } from "./requests";
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
    /** The run of the rotator; none has the number 0. */
    run: number;
    /** Asked when a request to rotate reaches Azure: why there is one. Without it none may come. */
    reasonToStart?: () => Reason;
}

/** The world as the rotator's own loop meets it: pauses for what takes time, at which the engine can die. */
export class ModelOutside implements Outside<Pause> {
    readonly serverAnswers = undefined;
    /** When the last look began. */
    lookedAt = 0;
    /** The truth when the credentials were last read. */
    truth: Moment = { from: 0, at: 0, uid: "", uidShown: false, bundle: [], lagged: false, blind: false };
    /** What the run can know of its own rotations. */
    readonly known: Omit<Known, "ended" | "unexplained"> & { ended: Rotation[]; unexplained: Set<Rotation> } = {
        acceptedAt: undefined,
        unansweredAt: undefined,
        ended: [],
        unexplained: new Set(),
    };
    /** Whether the last look showed the cluster with its `resourceUID`. */
    uidShown = false;
    /** Whether a request to rotate had no answer. */
    answerLost = false;
    private state = "";
    private stopped = false;
    private verified: Pick<Shown, "apiServer" | "answers" | "oldCas"> = {
        apiServer: undefined,
        answers: [],
        oldCas: [],
    };
    /** The rotations of this run that a look has shown under way. */
    private readonly underWay = new Set<Rotation>();
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
        return { verify: this.use.verify, state, stopped, ...this.verified, held };
    }

    now(): number {
        return this.world.now;
    }

    date(): Date {
        return new Date(this.world.now);
    }

    /** The first sentence of what is new: the rest, and how long a thing has been so, makes a story longer and no better. */
    tell(line: string): void {
        if (this.story !== undefined && !/\((\d+ m )?\d+ s\)$/.test(line)) {
            this.story.tell(`${this.isOrphan ? "an orphan: " : ""}${line.replace(/\.( .*)?$/, "")}`);
        }
    }

    *sleep(ms: number): Doing<Pause, void> {
        yield { at: "while it waits", ms };
    }

    *look(withinMs: number): Doing<Pause, ManagedCluster | undefined> {
        this.lookedAt = this.world.now;
        yield* this.azureRequest(withinMs);
        const answer = this.world.look();
        const cluster = answer && this.brain.readCluster(answer);
        const isHidden = cluster?.stopped || cluster?.provisioningState === "RotatingClusterCertificates";
        this.hidden = isHidden || this.use.verify === "off";
        this.state = cluster?.provisioningState ?? "";
        this.stopped = cluster?.stopped ?? false;
        this.uidShown = this.world.showsUid;
        this.note(this.state);
        return cluster;
    }

    /** Notes what a look shows of the rotations of this run. */
    private note(state: string): void {
        const { operation, ended } = this.world.cluster ?? {};
        const { known, underWay } = this;
        if (state === "RotatingClusterCertificates" || state === "ReconcilingClusterCertificates") {
            known.acceptedAt = undefined;
            known.unansweredAt = undefined;
            if (operation?.rotation?.context?.run === this.use.run) {
                underWay.add(operation.rotation);
            }
        }
        const isFinal = state === "Succeeded" || state === "Failed" || state === "Canceled";
        if (isFinal && operation === undefined && ended?.context?.run === this.use.run) {
            if ((ended.answered || underWay.has(ended)) && !known.ended.includes(ended)) {
                known.ended.push(ended);
            }
        }
    }

    *credentials(withinMs: number): Doing<Pause, Kubeconfig> {
        yield* this.azureRequest(withinMs);
        const { world } = this;
        const served = world.credentials();
        if (served === undefined) {
            throw new UpFailed("404");
        }
        if (typeof served === "string") {
            throw this.brain.noCredentials();
        }
        const bundle = served.map(nameOf);
        const uid = world.cluster?.uid ?? "";
        const { uidShown, hidden: blind } = this;
        this.truth = { from: this.lookedAt, at: world.now, uid, uidShown, bundle, lagged: world.lags, blind };
        for (const ca of bundle) {
            this.held.add(ca);
        }
        return { server: "", caCertificate: bundle.join("\n"), caFingerprints: bundle, ca: [] };
    }

    *apiServer({ caFingerprints }: Kubeconfig, withinMs: number): Doing<Pause, ApiServerShows> {
        const { probe, overMs } = this.brain.connections;
        const servers = yield* this.connect(this.use.looksAt, probe, overMs, withinMs);
        return this.brain.apiServerShows(servers, caFingerprints);
    }

    /** New connections to the API server, one after another: the CAs that they show; none after one that fails. */
    private *connect(
        at: Pause["at"],
        times: number,
        overMs: number,
        withinMs: number,
    ): Doing<Pause, (string | undefined)[]> {
        const { world } = this;
        const end = world.now + withinMs;
        const servers: (string | undefined)[] = [];
        while (servers.length < times && !(servers.length > 0 && servers.at(-1) === undefined)) {
            const ms = servers.length === 0 ? requestMs : overMs / (times - 1);
            yield* this.wait(at, ms, Math.max(1, end - world.now));
            const ca = world.handshake();
            servers.push(ca === undefined ? undefined : nameOf(ca));
        }
        this.truth = { ...this.truth, blind: servers.at(-1) === undefined };
        return servers;
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
        const { answer, afterMs, waitSeconds, operation } = this.world.post(reason, withinMs);
        try {
            yield* this.wait("between POST and answer", afterMs, withinMs);
        } finally {
            this.known.unansweredAt = this.world.now;
        }
        yield { at: "after the answer", ms: 0 };
        this.answerLost = hadLost || answer === "none" || answer === "replaced";
        if (answer !== "none" && answer !== "replaced") {
            this.known.unansweredAt = undefined;
        }
        switch (answer) {
            case "accepted":
                this.known.acceptedAt = this.world.now;
                return { answer, operation: `https://azure/operations/${operation}` };
            case "busy":
                return { answer, message: "409", waitSeconds };
            case "none":
                return { answer, error: new Error("none came") };
            case "replaced":
                return this.brain.readStart();
            case "refused":
                throw new UpFailed("404");
        }
    }

    *operationError(operation: string, withinMs: number): Doing<Pause, string | undefined> {
        const number = Number(operation.split("/").at(-1));
        const rotation = this.world.rotations[number - 1];
        if (rotation !== undefined) {
            this.known.unexplained.add(rotation);
        }
        yield* this.azureRequest(withinMs);
        const code = this.world.operationError(number);
        if (rotation !== undefined && this.world.now >= this.world.replacedUntil) {
            this.known.unexplained.delete(rotation);
        }
        return code === undefined ? undefined : `${code}: in Azure's words`;
    }

    *verify({ rotated, now, before }: Question, withinMs: number): Doing<Pause, Verification> {
        this.verified = { apiServer: undefined, answers: [], oldCas: [] };
        const end = this.world.now + withinMs;
        // One connection to verify the certificate, and one to sign in.
        const oldCas = before.caCertificate.split("\n");
        const { oldCa, overMs } = this.brain.connections;
        const servers = yield* this.connect("before the verification", 2, 0, withinMs);
        const olds = rotated ? yield* this.connect("before the verification", oldCa, overMs, end - this.world.now) : [];
        for (const ca of [...servers, ...olds]) {
            if (ca === undefined) {
                throw new Error("the API server cannot be reached");
            }
            if (!now.caFingerprints.includes(ca) || (rotated && oldCas.includes(ca))) {
                throw new CheckFailed(`the API server has a certificate of ${ca}`);
            }
        }
        const answers = this.world.cluster?.cas.answers(this.world.now).map(nameOf) ?? [];
        this.verified = { apiServer: servers[0], answers, oldCas };
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

    watchOutage(): void {}

    *endOutage(): Doing<Pause, Outage | null> {
        yield { at: "before the record is saved", ms: 0 };
        return null;
    }

    private *azureRequest(withinMs: number): Doing<Pause, void> {
        const hangsMs = this.world.azureHangsUntil - this.world.now;
        yield* this.wait(this.use.looksAt, Math.max(requestMs, hangsMs), withinMs);
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
