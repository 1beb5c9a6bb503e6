import type { OperationError } from "../../azure/azure-errors";
import type { ManagedCluster, Start } from "../../azure/cluster";
import type { Kubeconfig } from "../../formats/kubeconfig";
import { type ClusterRecord, NoClusterRecord } from "../../rotator/cluster-record";
import type { EarlierCa } from "../../rotator/earlier-ca";
import type { Outage } from "../../rotator/outage";
import type { ApiServerShows, Doing, Outside, Question } from "../../rotator/outside";
import type { Finding } from "../../rotator/preflight/finding";
import type { Looked } from "../../rotator/preflight/preflight";
import {
    type CaMatch,
    type ProbeSchedule,
    probeServerCaRepeatedly,
    type ServerCa,
} from "../../rotator/probe-server-ca";
import type { Verification } from "../../rotator/verification";

/** What a request comes to: a value, an error that is thrown, or nothing for as long as it may take. */
export type Answer<Value> = Value | Error | "hangs";

/** An outside on a clock of its own that only its requests and sleeps move on; each does what a test says. */
export class ScriptedOutside implements Outside<never> {
    /** Milliseconds. */
    clock = 0;
    /** How long an answer takes, in milliseconds. */
    answerMs = 100;
    readonly told: string[] = [];
    readonly asked: string[] = [];
    serverAnswers: boolean | undefined;

    onLook: () => Answer<ManagedCluster | undefined> = () => cluster("Succeeded");
    onCredentials: () => Answer<Kubeconfig> = () => credentials("A");
    /** Compared with the credentials; a mismatch with them is one with the CAs of before, where `serverCa` names none. */
    onApiServer: () => Answer<ApiServerShows> = () => "sameCa";
    /** The CA that has signed the certificate of a new connection; undefined: as `onApiServer` says. */
    onConnection: () => string | undefined = () => undefined;
    /** New connections to the API server so far. */
    connections = 0;
    onClusterRecord: () => Answer<ClusterRecord> = () => new NoClusterRecord("there is none");
    onStart: () => Answer<Start> = () => ({ answer: "accepted" });
    onPreflight: () => Answer<Finding[]> = () => [];
    onOperationError: () => Answer<OperationError | undefined> = () => undefined;
    onVerify: () => Answer<Verification> = () => ({ verified: [], notVerified: [], apiServerCertificate: null });

    /** What a verification is asked about. */
    onQuestion: (question: Question) => void = () => {};

    now(): number {
        return this.clock;
    }

    date(): Date {
        return new Date(this.clock);
    }

    tell(line: string): void {
        this.told.push(line);
    }

    *sleep(ms: number): Doing<never, void> {
        yield* this.pass(ms);
    }

    look(withinMs: number): Doing<never, ManagedCluster | undefined> {
        return this.request("look", this.onLook, withinMs);
    }

    credentials(withinMs: number): Doing<never, Kubeconfig> {
        return this.request("credentials", this.onCredentials, withinMs);
    }

    *both<One, Other>(one: Doing<never, One>, other: Doing<never, Other>): Doing<never, [One, Other]> {
        return [yield* one, yield* other];
    }

    *serverCa(
        credentials: Kubeconfig,
        earlier: EarlierCa | undefined,
        schedule: ProbeSchedule,
        withinMs: number,
    ): Doing<never, ServerCa | "unreachable"> {
        const shown = yield* this.request("apiServer", this.onApiServer, withinMs);
        if (shown === "unreachable") {
            return shown;
        }
        const [own = ""] = credentials.caFingerprints;
        const handshake = (): Doing<never, ServerCa> => {
            this.connections++;
            const ca = this.onConnection() ?? (shown === "sameCa" ? own : "another");
            const compare = (bundle: readonly string[]): CaMatch => (bundle.includes(ca) ? "match" : "mismatch");
            return see({
                credentials: compare(credentials.caFingerprints),
                intent: earlier && compare(earlier.fingerprints),
            });
        };
        return yield* probeServerCaRepeatedly({ ...schedule, clock: this, handshake });
    }

    preflight(_looked: Looked, withinMs: number): Doing<never, Finding[]> {
        return this.request("preflight", this.onPreflight, withinMs);
    }

    clusterRecord(_credentials: Kubeconfig, withinMs: number): Doing<never, ClusterRecord> {
        return this.request("clusterRecord", this.onClusterRecord, withinMs);
    }

    startRotation(withinMs: number): Doing<never, Start> {
        return this.request("startRotation", this.onStart, withinMs);
    }

    operationError(_operation: string, withinMs: number): Doing<never, OperationError | undefined> {
        return this.request("operationError", this.onOperationError, withinMs);
    }

    verify(question: Question, withinMs: number): Doing<never, Verification> {
        this.onQuestion(question);
        return this.request("verify", this.onVerify, withinMs);
    }

    watchOutage(): void {}

    *endOutage(): Doing<never, Outage | null> {
        yield* this.pass(0);
        return null;
    }

    private *request<Value>(name: string, answer: () => Answer<Value>, withinMs: number): Doing<never, Value> {
        this.asked.push(name);
        const value = answer();
        if (value === "hangs" || withinMs < this.answerMs) {
            yield* this.pass(withinMs);
            throw new DOMException("no answer in time", "TimeoutError");
        }
        yield* this.pass(this.answerMs);
        if (value instanceof Error) {
            throw value;
        }
        return value;
    }

    /** Nobody needs to be waited for. */
    private pass(ms: number): never[] {
        this.clock += ms;
        return [];
    }
}

/** A result that takes no time. */
function* see<Value>(value: Value): Doing<never, Value> {
    yield* [];
    return value;
}

/** A cluster as Resource Manager tells it. */
export function cluster(provisioningState: string, rest: Partial<ManagedCluster> = {}): ManagedCluster {
    return { resourceUID: "uid", eTag: "1", provisioningState, stopped: false, ...rest };
}

/** Credentials of a CA that is a letter. */
export function credentials(ca: string): Kubeconfig {
    return { server: "https://api.example", caCertificate: ca, caFingerprints: [ca], ca: [] };
}

/** What comes of something that waits for nobody. */
export function seeThrough<Result>(doing: Doing<never, Result>): Result {
    const next = doing.next();
    if (!next.done) {
        throw new Error("It waits for something.");
    }
    return next.value;
}
