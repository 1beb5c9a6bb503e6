import { type AttemptState, hasEffectiveRotation } from "./attempt-state";
import type { Action } from "./decide";
import type { Observation } from "./observation";
import { Reporter } from "./progress";
import { anotherLine, waitingLine } from "./progress-lines";

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

    /** Azure's words for a refused start can differ each time, and mean the same: the first ones are reported. */
    reportBusy(message: string, now: number): void {
        this.report(
            "busy",
            this.#kind === "busy" ? this.#text : `Azure does not start a rotation now: ${message}`,
            now,
        );
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
