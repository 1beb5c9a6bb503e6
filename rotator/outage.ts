import { setTimeout as sleep } from "node:timers/promises";
import { type Address, ask } from "./api-server";

/** One question put to the API server: when, in milliseconds of any clock that only goes forward, and whether it answered. */
export interface Sample {
    at: number;
    answered: boolean;
}

/** How long a server did not answer. */
export interface Outage {
    totalSeconds: number;
    longestSeconds: number;
}

const everyMs = 1000;
const patienceMs = 2000;

/** An outage lasts from the first question without an answer to the next one with an answer, or to the last question. */
export function outageOf(samples: readonly Sample[]): Outage {
    let total = 0;
    let longest = 0;
    let since: number | undefined;
    samples.forEach(({ at, answered }, i) => {
        if (!answered) {
            since ??= at;
        }
        if (since !== undefined && (answered || i === samples.length - 1)) {
            total += at - since;
            longest = Math.max(longest, at - since);
            since = undefined;
        }
    });
    return { totalSeconds: seconds(total), longestSeconds: seconds(longest) };
}

/** Asks an API server once a second whether it is there, from `start` on, and keeps the answers. */
export class OutageObserver {
    private readonly samples: Sample[] = [];
    private running: Promise<void> | undefined;
    private readonly ended = new AbortController();

    constructor(private readonly address: Address) {}

    /** Begins to ask; a second call changes nothing. */
    start(): void {
        this.running ??= this.run();
    }

    /** Whether the last question was answered; undefined before the first one. */
    get answers(): boolean | undefined {
        return this.samples.at(-1)?.answered;
    }

    /** Ends the questions and tells the outage; null when `start` was never called. */
    async stop(): Promise<Outage | null> {
        this.ended.abort();
        await this.running;
        return this.running === undefined ? null : outageOf(this.samples);
    }

    private async run(): Promise<void> {
        while (!this.ended.signal.aborted) {
            const at = performance.now();
            const answered = await this.answersNow();
            if (!this.ended.signal.aborted) {
                this.samples.push({ at, answered });
            }
            const rest = at + everyMs - performance.now();
            await sleep(Math.max(rest, 0), undefined, { signal: this.ended.signal }).catch(() => undefined);
        }
    }

    private async answersNow(): Promise<boolean> {
        const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), this.ended.signal]);
        try {
            // The certificate is the business of the verification; here any answer, also "unauthorized", is a sign of life.
            await ask(this.address, null, { method: "GET", path: "/readyz" }, signal);
            return true;
        } catch {
            return false;
        }
    }
}

function seconds(ms: number): number {
    return Math.round(ms / 100) / 10;
}
