import { RestError } from "@azure/core-rest-pipeline";
import { classifyOperation, type OperationError } from "../../../azure/azure-errors";
import { type ManagedCluster, managedCluster, type Start } from "../../../azure/cluster";
import type { Intent } from "../../../formats/intent";
import type { Kubeconfig } from "../../../formats/kubeconfig";
import type { Check } from "../../../formats/record";
import { type ClusterRecord, NoClusterRecord } from "../../../rotator/cluster-record";
import type { EarlierCa } from "../../../rotator/earlier-ca";
import type { Outage } from "../../../rotator/outage";
import type { Doing, Outside, Question } from "../../../rotator/outside";
import type { Finding } from "../../../rotator/preflight/finding";
import type { Looked } from "../../../rotator/preflight/preflight";
import { type ProbeSchedule, probeRepeatedly, provesChange, type ServerCa } from "../../../rotator/probe-server-ca";
import type { VerifyMode } from "../../../rotator/settings";
import { CheckFailed, recordOldCa, type Verification } from "../../../rotator/verification";
import { BODIES, CLUSTER_ID, isNoAnswer, type NoAnswer } from "./azure-answers";
import type { Brain, KnownCas } from "./brain";
import type { Pause } from "./points";
import { type Moment, onItsWayMs, type Reason, type Start as Rotation } from "./promises";
import type { Known } from "./requests";
import type { Story } from "./story";
import { UpFailed } from "./up-failed";
import type { Shown } from "./verified";
import type { Violations } from "./violations";
import type { World } from "./world";

const requestMs = 200;
/** How long a connection to the API server takes after another one, in milliseconds. */
const connectMs = 20;
const host = "https://management.azure.com";

/** What the world is looked at for. */
export interface Use {
    verify: VerifyMode;
    /** Where the engine is during a look. */
    looksAt: Pause["at"];
    /** The engine that waits for what comes of it. */
    engine: { diedAt: number | undefined };
    /** The run of the rotator; none has the number 0. */
    run: number;
    violations: Violations;
    /** The intent of the run; undefined where one is taken. */
    intent?: Intent;
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
        const cluster = answer && managedCluster(this.read("GET", "", answer) as Parameters<typeof managedCluster>[0]);
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
        const cas = this.read("POST", "/listClusterUserCredential", served);
        if (!Array.isArray(cas)) {
            throw new UpFailed("no kubeconfig");
        }
        const bundle = cas.map(nameOf);
        const uid = world.cluster?.uid ?? "";
        const { uidShown, hidden: blind } = this;
        this.truth = { from: this.lookedAt, at: world.now, uid, uidShown, bundle, lagged: world.lags, blind };
        for (const ca of bundle) {
            this.held.add(ca);
        }
        return { server: "", caCertificate: bundle.join("\n"), caFingerprints: bundle, ca: [] };
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
        const { brain, use } = this;
        // The intent's certificates are in the state, and those of the credentials at hand.
        const atHand = [...(use.intent?.caFingerprints ?? []), ...credentials.caFingerprints];
        const known: KnownCas = {
            credentials: credentials.caFingerprints,
            earlier: earlier?.fingerprints.filter((ca) => atHand.includes(ca)),
            isComplete: earlier?.fingerprints.every((ca) => atHand.includes(ca)) ?? false,
        };
        const shown = yield* this.probe(use.looksAt, brain.probe(schedule), withinMs, {
            compare: (ca) => brain.compareServerCa(ca, known),
            isConclusive: provesChange,
        });
        return shown ?? "unreachable";
    }

    /** New connections to the API server by a schedule: what the last one shows; undefined where one has no answer. */
    private *probe<Result>(
        at: Pause["at"],
        schedule: ProbeSchedule,
        withinMs: number,
        { compare, isConclusive }: { compare: (ca: string) => Result; isConclusive: (result: Result) => boolean },
    ): Doing<Pause, Result | undefined> {
        const { world } = this;
        const end = world.now + withinMs;
        const connect = (ms: number) => this.connect(at, ms, Math.max(1, end - world.now));
        let ms = requestMs;
        return yield* probeRepeatedly<Pause, Result | undefined>({
            ...schedule,
            *handshake() {
                const ca = yield* connect(ms);
                ms = connectMs;
                return ca === undefined ? undefined : compare(ca);
            },
            isConclusive: (result) => result === undefined || isConclusive(result),
            clock: {
                now: () => world.now,
                *sleep(pauseMs) {
                    yield { at, ms: pauseMs };
                },
            },
        });
    }

    /** A new connection to the API server: the CA that it shows; undefined where there is no answer. */
    private *connect(at: Pause["at"], ms: number, withinMs: number): Doing<Pause, string | undefined> {
        yield* this.wait(at, ms, withinMs);
        const ca = this.world.handshake();
        const isHidden = this.world.cluster?.cas.hidesChange(this.world.now);
        this.truth = { ...this.truth, blind: ca === undefined || isHidden === true };
        return ca === undefined ? undefined : nameOf(ca);
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
        const isAnswered = answer === "accepted" || answer === "busy" || answer === "refused";
        this.answerLost = hadLost || !isAnswered;
        if (isAnswered) {
            this.known.unansweredAt = undefined;
        }
        switch (answer) {
            case "accepted":
                this.known.acceptedAt = this.world.now;
                return { answer, operation: `${host}${CLUSTER_ID}/operations/${operation}` };
            case "busy":
                return { answer, message: "409", waitSeconds };
            case "none":
                return { answer, error: new Error("none came") };
            case "refused":
                throw new UpFailed("404");
            default: {
                const wrong = this.wrongWith("POST", "/rotateClusterCertificates", answer);
                return wrong === undefined ? { answer: "accepted" } : { answer: "none", error: new Error(wrong) };
            }
        }
    }

    *operationError(operation: string, withinMs: number): Doing<Pause, OperationError | undefined> {
        const rotation = this.world.rotations[Number(operation.split("/").at(-1)) - 1];
        if (rotation === undefined) {
            throw new Error(`There is no operation ${operation}.`);
        }
        this.known.unexplained.add(rotation);
        yield* this.azureRequest(withinMs);
        const code = this.read("GET", "/operations/1", this.world.operationError(rotation.number));
        this.known.unexplained.delete(rotation);
        const error = code === "none" ? undefined : { code, message: "in Azure's words" };
        return classifyOperation({ status: rotation.outcome ?? "InProgress", error });
    }

    *verify({ rotated, now, before }: Question, withinMs: number): Doing<Pause, Verification> {
        const at = "before the verification";
        const { world, brain } = this;
        this.verified = { apiServer: undefined, answers: [], oldCas: [] };
        const end = world.now + withinMs;
        const left = () => Math.max(1, end - world.now);
        // One connection shows the certificate, the other one takes the credentials.
        const server = yield* this.connect(at, requestMs, left());
        const signedIn = yield* this.connect(at, connectMs, left());
        if (server === undefined || signedIn === undefined) {
            throw new Error("the API server cannot be reached");
        }
        for (const ca of [server, signedIn]) {
            if (!now.caFingerprints.includes(ca)) {
                throw new CheckFailed(`the API server has a certificate of ${ca}`);
            }
        }
        const verified: Check[] = ["newCaAccepted", "newCredentialsAccepted"];
        this.verified = { apiServer: server, answers: this.answers, oldCas: [] };
        if (!rotated) {
            return { verified, notVerified: [], apiServerCertificate: null };
        }
        const result: Verification = {
            verified: ["provisioningState", "caChanged", ...verified],
            notVerified: [],
            apiServerCertificate: null,
        };
        const oldCas = before.caCertificate?.split("\n");
        const isWrong = yield* this.probe(at, brain.oldCaProbe, left(), {
            compare: (ca) => oldCas?.includes(ca) === true || !now.caFingerprints.includes(ca),
            isConclusive: (isOther) => isOther,
        });
        if (isWrong === undefined) {
            throw new Error("the API server cannot be reached");
        }
        if (isWrong) {
            throw new CheckFailed("the API server has a certificate of the old CA, or of another one");
        }
        if (oldCas !== undefined) {
            this.verified = { apiServer: server, answers: this.answers, oldCas };
        }
        recordOldCa(result, oldCas && false);
        const oldClient: Check = "oldClientCertificateRefused";
        if (before.credentials === undefined) {
            result.notVerified.push({ check: oldClient, reason: "not held" });
        } else {
            result.verified.push(oldClient);
        }
        return result;
    }

    /** The CAs that the replicas of the API server answer with. */
    private get answers(): string[] {
        return this.world.cluster?.cas.answers(this.world.now).map(nameOf) ?? [];
    }

    /** What an answer with status 200 holds, as the Azure SDK hands it over. */
    private read<Content>(method: string, path: string, answer: Content | NoAnswer): Content {
        if (!isNoAnswer(answer)) {
            return answer;
        }
        const wrong = this.wrongWith(method, path, answer);
        if (wrong === undefined) {
            return (answer === "object" ? {} : "") as Content;
        }
        throw new RestError(wrong, { code: "ECONNRESET" });
    }

    private wrongWith(method: string, path: string, answer: NoAnswer): string | undefined {
        const url = `${host}${CLUSTER_ID}${path}?api-version=1`;
        const body = BODIES[answer];
        const wrong = this.brain.notAnAnswer({ method, url, status: 200, header: () => undefined, body });
        if (wrong === undefined) {
            this.use.violations.report("answers", `The answer "${body}" to ${method} …${path} was taken for Azure's.`);
        }
        return wrong;
    }

    private get isOrphan(): boolean {
        return this.use.engine.diedAt !== undefined;
    }

    *clusterRecord(): Doing<Pause, ClusterRecord> {
        yield* [];
        throw new NoClusterRecord("the model's clusters have none");
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
