import type { ClusterRef } from "./cluster-options";
import type { RequestKind } from "./request-kind";

const KEPT = 20_000;

/** A request as it is remembered: nothing of its query, body or other headers, where secrets could be. */
export interface RequestEntry {
    /** When it came, ISO 8601. */
    time: string;
    kind: RequestKind;
    /** The cluster that it was about, if any. */
    cluster?: ClusterRef;
    /** That cluster's provisioning state when it came. */
    provisioningState?: string;
    /** To an API server: the client's port, the same for a connection and for what is asked on it. */
    clientPort?: number;
    method: string;
    /** Without the query. */
    path: string;
    /** How the client names itself, if it does. */
    userAgent?: string;
    /**
     * Where in it a secret was that was issued and does not belong there: path, query, body, or a header's name. Absent:
     * nowhere.
     */
    leaks?: string[];
    /** The answer's status; 0 while there is none, and if the connection ends without a whole one. */
    status: number;
}

/** Remembers the requests of all clients, the newest 20,000, and counts all of each cluster. */
export class RequestLog {
    #entries: RequestEntry[] = [];
    readonly #counts = new Map<string, Partial<Record<RequestKind, number>>>();

    /** Remembers a request; its status can be set when it is known. */
    add(entry: RequestEntry): RequestEntry {
        this.#entries.push(entry);
        if (this.#entries.length > KEPT) {
            this.#entries = this.#entries.slice(-KEPT / 2);
        }
        if (entry.cluster) {
            const key = clusterKey(entry.cluster);
            const counts = this.#counts.get(key) ?? {};
            this.#counts.set(key, { ...counts, [entry.kind]: (counts[entry.kind] ?? 0) + 1 });
        }
        return entry;
    }

    /** The requests so far, oldest first; only those about a cluster if one is given. */
    entries(cluster?: ClusterRef): RequestEntry[] {
        const key = cluster && clusterKey(cluster);
        return this.#entries.filter((entry) => !key || (entry.cluster && clusterKey(entry.cluster) === key));
    }

    counts(cluster: ClusterRef): Partial<Record<RequestKind, number>> {
        return { ...this.#counts.get(clusterKey(cluster)) };
    }

    clear(): void {
        this.#entries = [];
        this.#counts.clear();
    }
}

/** One string for a cluster, the same however its name is written. */
export function clusterKey({ resourceGroup, name }: ClusterRef): string {
    return `${resourceGroup}/${name}`.toLowerCase();
}
