import type { Look } from "./cluster-access";

/** One look at a workload: when it began and ended, in seconds of any clock, and what there was; undefined without an answer. */
export interface Glance {
    from: number;
    to: number;
    found: Look | undefined;
}

/** What came of a workload; times on the clock of the looks. */
export interface Seen {
    /** While the API server accepted no credentials that Azure hands out: each time from and to. */
    outages: [from: number, to: number][];
    /** When a look had found the mark. */
    downstream: number | undefined;
    /** For how long the ConfigMap or the Deployment did not exist, as far as the API server answered. */
    absent: number;
    /** Objects, of the ConfigMap and the Deployment, that are others than at first. */
    recreated: number;
}

/** What looks, in the order of time, have seen of a workload that is to have a mark. */
export function seenIn(glances: readonly Glance[], mark: string): Seen {
    const seen: Seen = { outages: [], downstream: undefined, absent: 0, recreated: 0 };
    const first = glances.find(({ found }) => found)?.found?.uids ?? [];
    let before: Glance | undefined;
    let outage: [number, number] | undefined;
    for (const glance of glances) {
        const { from, to, found } = glance;
        if (found === undefined) {
            if (outage === undefined) {
                outage = [from, to];
                seen.outages.push(outage);
            }
            outage[1] = to;
        } else {
            if (outage !== undefined) {
                outage[1] = to;
                outage = undefined;
            }
            if (before?.found?.uids.includes(undefined)) {
                seen.absent += to - before.to;
            }
            if (found.mark === mark) {
                seen.downstream ??= to;
            }
            seen.recreated = Math.max(seen.recreated, found.uids.filter((uid, i) => uid !== first[i]).length);
        }
        before = glance;
    }
    return seen;
}
