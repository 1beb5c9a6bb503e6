import { type Fault, type FaultAction, type FaultMatch, type FaultReport, unfit } from "./fault";
import { Held } from "./held";
import { Hits } from "./hits";
import type { Classified } from "./request-kind";

/** What can be struck: a request, understood, or a connection. */
export interface Target extends Classified {
    method: string;
    /** Without the query. */
    path: string;
    userAgent?: string;
    provisioningState?: string;
}

/** A fault that strikes something. */
export interface Strike {
    action: FaultAction;
    /** To be called when it has happened, for those who wait for it. */
    landed(): void;
    /**
     * Keeps what was struck until the fault is released; not at all if that is so already.
     *
     * @param go lets it go on.
     * @returns forgets it, for when its client has gone.
     */
    hold(go: () => void): () => void;
}

interface Armed {
    id: number;
    fault: Fault;
    path: RegExp | undefined;
    userAgent: RegExp | undefined;
    seen: number;
    hits: number;
}

/** The faults that are armed. Of several that match a request the oldest that is not used up strikes. */
export class Faults {
    #armed: Armed[] = [];
    #last = 0;
    readonly #hits = new Hits();
    readonly #held = new Held();

    /**
     * Arms a fault.
     *
     * @returns its number, for `remove`.
     * @throws SyntaxError if the path or the user agent is no regular expression, Error if the fault cannot be.
     */
    add(fault: Fault): number {
        const obstacle = unfit(fault);
        if (obstacle !== undefined) {
            throw new Error(obstacle);
        }
        const [path, userAgent] = [fault.match.path, fault.match.userAgent].map((text) =>
            text === undefined ? undefined : new RegExp(text, "i"),
        );
        this.#last += 1;
        this.#armed.push({ id: this.#last, fault, path, userAgent, seen: 0, hits: 0 });
        return this.#last;
    }

    /** Takes a fault away, and lets go on what it holds. */
    remove(id: number): void {
        this.#armed = this.#armed.filter((armed) => armed.id !== id);
        this.#hits.end(id);
        this.#held.release(id);
    }

    /** Takes all away. */
    clear(): void {
        for (const { id } of this.#armed) {
            this.remove(id);
        }
    }

    report(): FaultReport[] {
        return this.#armed.map(({ id, fault, hits }) => ({ ...fault, id, hits, holding: this.#held.count(id) }));
    }

    /** Settles when the fault has struck so often. Fails with ArmError 404 if it is gone before. */
    struck(id: number, hits: number): Promise<void> {
        return this.#hits.reached(id, hits, this.#isArmed(id));
    }

    /** What is to happen to this, if anything; it counts. */
    strike(target: Target): Strike | undefined {
        for (const armed of this.#armed) {
            const { skip = 0, count = 1 } = armed.fault;
            if (!isFor(armed, target) || (count > 0 && armed.hits >= count)) {
                continue;
            }
            armed.seen += 1;
            if (armed.seen > skip) {
                armed.hits += 1;
                return this.#strikeOf(armed);
            }
        }
        return undefined;
    }

    #strikeOf({ id, fault }: Armed): Strike {
        return {
            action: fault.action,
            landed: () => this.#hits.count(id),
            hold: (go) => {
                if (this.#isArmed(id)) {
                    return this.#held.add(id, go);
                }
                go();
                return () => undefined;
            },
        };
    }

    #isArmed(id: number): boolean {
        return this.#armed.some((armed) => armed.id === id);
    }
}

function isFor({ fault, path, userAgent }: Armed, target: Target): boolean {
    return (
        matches(fault.match, target) &&
        (path?.test(target.path) ?? true) &&
        (userAgent?.test(target.userAgent ?? "") ?? true)
    );
}

function matches(match: FaultMatch, { method, kind, resourceGroup, cluster, provisioningState }: Target): boolean {
    const same = (wanted: string | undefined, is: string | undefined) =>
        wanted === undefined || wanted.toLowerCase() === is?.toLowerCase();
    return (
        kind !== "control" &&
        // A fault for any kind means requests.
        (kind !== "apiServerConnection" || match.kind === kind) &&
        same(match.method, method) &&
        same(match.kind, kind) &&
        same(match.resourceGroup, resourceGroup) &&
        same(match.cluster, cluster) &&
        same(match.provisioningState, provisioningState)
    );
}
