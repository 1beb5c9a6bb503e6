/**
 * The numbers of the specification that the invariants check against, in milliseconds. They are the tests' own: a number
 * of the product that becomes more dangerous breaks an invariant.
 */

/** How long Azure may take to show a rotation that it has accepted. */
export const VISIBILITY_MS = 10_000;

/** How long a start request without an answer may still have an effect. */
export const UNANSWERED_MS = 40_000;

/** How long AKS may take to reconcile a rotation that ended Failed. */
export const RECONCILE_MS = 60_000;

/** How long the region is given before a rotation that failed for lack of capacity is tried again: before the second, the third try. */
export const CAPACITY_DELAYS_MS = [5 * 60_000, 15 * 60_000] as const;

/** How long the replicas of the API server can answer with the old and the new CA after a rotation has ended. */
export const REPLICAS_MS = 60_000;

/** How many new connections in a row can reach the same replica while the replicas differ. */
export const SAME_REPLICA_CONNECTIONS = 7;
