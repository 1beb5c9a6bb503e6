/**
 * How long to wait before the next look at a cluster, in milliseconds, after having waited for `waitedMs` already.
 * Half a second at first, so that a short operation is not outwaited; then a thirtieth of what it took so far, at most three
 * seconds, so that what waits for the end of a rotation waits no longer. That is 20 requests a minute in the long run; AKS
 * allows 60 a minute for each cluster, and 60 more at once:
 * https://learn.microsoft.com/azure/aks/quotas-skus-regions#throttling-limits-on-aks-resource-provider-apis
 */
export function paceMs(waitedMs: number): number {
    return Math.min(Math.max(500, waitedMs / 30), 3_000);
}
