import type { Classified, RequestKind } from "./request-kind";

/** Which requests a fault is for: those for which everything that is given holds. */
export interface FaultMatch {
    /** e.g. POST. */
    method?: string;
    kind?: RequestKind;
    /** A regular expression, upper and lower case the same, searched in the path without the query. */
    path?: string;
    resourceGroup?: string;
    cluster?: string;
}

/** What happens instead of an undisturbed answer. */
export type FaultAction =
    /** This answer, in Azure's shape; the request is not handled. */
    | {
          type: "answer";
          status: number;
          /** Azure's error code. Default: from the status. */
          code?: string;
          message?: string;
          headers?: Record<string, string>;
          retryAfterSeconds?: number;
          /** Send Retry-After as a date. Default: as a number. */
          retryAfterAsDate?: boolean;
      }
    /** The connection is cut (clients see ECONNRESET or an unexpected end): before the request is handled, or after, so that only the answer is lost. */
    | { type: "reset"; when: "before" | "after" }
    /** No answer ever comes, and the connection stays open. */
    | { type: "hang"; when: "before" | "after" }
    /** The request is handled; half of the answer's body comes, then the connection is cut. */
    | { type: "half" }
    /** The request is handled after so many seconds. */
    | { type: "delay"; seconds: number }
    /** The request is handled; these headers of the answer are replaced, or with null left out. */
    | { type: "headers"; headers: Record<string, string | null> };

/** A fault to inject. */
export interface Fault {
    match: FaultMatch;
    action: FaultAction;
    /** How many matching requests go undisturbed first. Default 0. */
    skip?: number;
    /** How many requests are then disturbed; 0: all. Default 1. */
    count?: number;
}

/** A fault, and how often it has struck. */
export interface FaultReport extends Fault {
    id: number;
    hits: number;
}

interface Armed {
    id: number;
    fault: Fault;
    path: RegExp | undefined;
    seen: number;
    hits: number;
}

/** The faults that are armed. Of several that match a request the oldest that is not used up strikes. */
export class Faults {
    #armed: Armed[] = [];
    #last = 0;

    /**
     * Arms a fault.
     *
     * @returns its number, for `remove`.
     * @throws SyntaxError if the path is no regular expression.
     */
    add(fault: Fault): number {
        const path = fault.match.path === undefined ? undefined : new RegExp(fault.match.path, "i");
        this.#last += 1;
        this.#armed.push({ id: this.#last, fault, path, seen: 0, hits: 0 });
        return this.#last;
    }

    remove(id: number): void {
        this.#armed = this.#armed.filter((armed) => armed.id !== id);
    }

    clear(): void {
        this.#armed = [];
    }

    report(): FaultReport[] {
        return this.#armed.map(({ id, fault, hits }) => ({ ...fault, id, hits }));
    }

    /** What is to happen to this request, if anything; it counts. */
    strike(method: string, path: string, classified: Classified): FaultAction | undefined {
        for (const armed of this.#armed) {
            const { match, action, skip = 0, count = 1 } = armed.fault;
            const isFor = matches(match, method, classified) && (armed.path?.test(path) ?? true);
            if (!isFor || (count > 0 && armed.hits >= count)) {
                continue;
            }
            armed.seen += 1;
            if (armed.seen > skip) {
                armed.hits += 1;
                return action;
            }
        }
        return undefined;
    }
}

function matches(match: FaultMatch, method: string, { kind, resourceGroup, cluster }: Classified): boolean {
    const same = (wanted: string | undefined, is: string | undefined) =>
        wanted === undefined || wanted.toLowerCase() === is?.toLowerCase();
    return (
        kind !== "control" &&
        same(match.method, method) &&
        same(match.kind, kind) &&
        same(match.resourceGroup, resourceGroup) &&
        same(match.cluster, cluster)
    );
}
