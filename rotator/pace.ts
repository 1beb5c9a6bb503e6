/**
 * How long to wait before the next look at a cluster, in milliseconds, after having waited for `waitedMs` already.
 * Half a second at first, so that a short operation is not outwaited; then a thirtieth of what it took so far, at most ten
 * seconds, so that half an hour of waiting is some 300 requests: far below what Azure Resource Manager allows.
 */
export function paceMs(waitedMs: number): number {
    return Math.min(Math.max(500, waitedMs / 30), 10_000);
}
