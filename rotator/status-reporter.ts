import type { Start } from "../azure/cluster";
import { wordsOf } from "../azure/explain";
import { type AttemptState, hasEffectiveRotation } from "./attempt-state";
import type { Action } from "./decide";
import type { Observation } from "./observation";
import { Reporter } from "./progress";
import { acceptedLine, anotherLine, capacityLine, waitingLine } from "./progress-lines";

/** Reports what a run waits for, and knows for how long it has waited for it. */
export class StatusReporter {
    readonly #log: (line: string) => void;
    readonly #reporter: Reporter;
    #otherRotationReported = false;
    #kind = "";
    #text = "";
    #since: number;

    /** @param now when the run began; of any clock, milliseconds */
    constructor(log: (line: string) => void, now: number) {
        this.#log = log;
        this.#reporter = new Reporter(log);
        this.#since = now;
    }

    /** What was reported last; empty where nothing was. */
    get text(): string {
        return this.#text;
    }

    /** For how many milliseconds the run has waited for the same thing. */
    waitedMs(now: number): number {
        return now - this.#since;
    }

    /** @param kind the matter of the text: a text that varies within one matter starts no new wait */
    report(kind: string, text: string, now: number): void {
        this.#since = kind === this.#kind ? this.#since : now;
        this.#kind = kind;
        this.#text = text;
        this.#reporter.report(text, now - this.#since, now);
    }

    /** Reports what a start request is put off for, where that is Azure's lack of capacity. */
    reportDelay({ failure, notBefore }: AttemptState, now: number): void {
        if (failure?.error?.kind === "capacity") {
            this.report("capacity", capacityLine(failure.error.text, notBefore - now), now);
        }
    }

    /** Reports what came of a start request, of which Azure has accepted `started` so far. */
    reportStart(response: Start, started: number, now: number): void {
        if (response.answer === "accepted") {
            this.report("accepted", acceptedLine(started, response.operation), now);
        } else if (response.answer === "busy") {
            // Azure's words can differ each time, and mean the same: the first ones are reported.
            const text = `Azure does not start a rotation now: ${response.message}`;
            this.report("busy", this.#kind === "busy" ? this.#text : text, now);
        } else {
            const text = `Azure did not answer the request to rotate (${wordsOf(response.error)}); looking what came of it.`;
            this.report("lost", text, now);
        }
    }

    /** Reports what the cluster is waited for. */
    reportWait(
        action: Action,
        cluster: Observation,
        attempt: AttemptState,
        { now, serverAnswers }: { now: number; serverAnswers: boolean | undefined },
    ): void {
        if (!cluster.found || action.do !== "wait") {
            return;
        }
        const { provisioningState } = cluster;
        if (action.for === "rotation" && !hasEffectiveRotation(attempt) && !this.#otherRotationReported) {
            this.#otherRotationReported = true;
            this.#log(anotherLine);
        }
        const kind = `${action.for} ${provisioningState}`;
        this.report(kind, waitingLine(action.for, provisioningState, serverAnswers), now);
    }
}
