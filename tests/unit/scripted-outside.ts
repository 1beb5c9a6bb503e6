import type { OperationError } from "../../azure/azure-errors";
import type { ManagedCluster, Start } from "../../azure/cluster";
import type { Kubeconfig } from "../../formats/kubeconfig";
import type { Outage } from "../../rotator/outage";
import type { ApiServerShows, Doing, Outside, Question } from "../../rotator/outside";
import type { Finding } from "../../rotator/preflight/finding";
import type { Looked } from "../../rotator/preflight/preflight";
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
    onApiServer: () => Answer<ApiServerShows> = () => "sameCa";
    onStart: () => Answer<Start> = () => ({ answer: "accepted" });
    onPreflight: () => Answer<Finding[]> = () => [];
    onOperationError: () => Answer<OperationError | undefined> = () => undefined;
    onVerify: () => Answer<Verification> = () => ({ verified: [], notVerified: [], apiServerCertificate: null });

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

    apiServer(_credentials: Kubeconfig, withinMs: number): Doing<never, ApiServerShows> {
        return this.request("apiServer", this.onApiServer, withinMs);
    }

    preflight(_looked: Looked, withinMs: number): Doing<never, Finding[]> {
        return this.request("preflight", this.onPreflight, withinMs);
    }

    startRotation(withinMs: number): Doing<never, Start> {
        return this.request("startRotation", this.onStart, withinMs);
    }

    operationError(_operation: string, withinMs: number): Doing<never, OperationError | undefined> {
        return this.request("operationError", this.onOperationError, withinMs);
    }

    verify(_question: Question, withinMs: number): Doing<never, Verification> {
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
