import type { RequestKind } from "./request-kind";

/** Which requests a fault is for: those for which everything that is given holds. */
export interface FaultMatch {
    /** e.g. POST. */
    method?: string;
    kind?: RequestKind;
    /** A regular expression, upper and lower case the same, searched in the path without the query. */
    path?: string;
    /** A regular expression, upper and lower case the same, searched in the User-Agent: for one client's requests only. */
    userAgent?: string;
    resourceGroup?: string;
    cluster?: string;
    /** That of the cluster when the request comes, upper and lower case the same. */
    provisioningState?: string;
}

/** What happens instead of an undisturbed answer. */
export type FaultAction =
    /** This answer, in Azure's shape; the request is not handled, or has been, and only its own answer is lost. */
    | {
          type: "answer";
          /** Default: before, and then it never is. */
          when?: "before" | "after";
          status: number;
          /** Azure's error code. Default: from the status. */
          code?: string;
          message?: string;
          /**
           * The body in place of Azure's error, such as a proxy's page: then the answer is not Azure's, and has none of
           * its headers but those that are given.
           */
          body?: string;
          headers?: Record<string, string>;
          retryAfterSeconds?: number;
          /** Send Retry-After as a date. Default: as a number. */
          retryAfterAsDate?: boolean;
      }
    /** The connection is cut (clients see ECONNRESET or an unexpected end): before the request is handled, or after, so that only the answer is lost. */
    | { type: "reset"; when: "before" | "after" }
    /** No answer ever comes, and the connection stays open. */
    | { type: "hang"; when: "before" | "after" }
    /** The request waits before it is handled, or its answer after, until the fault is released. */
    | { type: "hold"; when: "before" | "after" }
    /** The request is handled; half of the answer's body comes, then the connection is cut: or, `cleanly`, the answer
     * ends as if that were all, as behind a proxy that lost the rest. Where there is no body, half of the head comes. */
    | { type: "half"; cleanly?: boolean }
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
    /** How many requests it holds now, of those whose clients are there. */
    holding: number;
}

/** What can be done to a connection, on which nothing has been said yet. */
export const CONNECTION_ACTIONS = ["reset", "hang", "hold", "delay"] as const satisfies FaultAction["type"][];

/** Why a fault cannot be: undefined if it can. */
export function unfit({ match, action }: Fault): string | undefined {
    if (match.kind !== "apiServerConnection") {
        return undefined;
    }
    if (!CONNECTION_ACTIONS.some((type) => type === action.type)) {
        const possible = CONNECTION_ACTIONS.join(", ");
        return `A fault "${action.type}" is for requests. What can be done to an apiServerConnection: ${possible}.`;
    }
    return match.userAgent === undefined ? undefined : "An apiServerConnection has no User-Agent yet.";
}
