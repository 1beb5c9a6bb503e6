/**
 * How long to wait before the next look at a cluster, in milliseconds, after having waited for `waitedMs` already.
 * Half a second at first, so that a short operation is not outwaited; then a thirtieth of what it took so far, at most a
 * second and a half, so that what waits for the end of a rotation waits no longer. That is 40 requests a minute, be it for
 * half an hour. AKS allows 60 a minute for each cluster, and 60 more at once: the first half minute draws 22 of these, they
 * are back after 100 s, and a third of what is allowed is left to others. Credentials, which are read only once nothing is
 * under way, are counted apart, as much for a whole subscription; a fleet that is refused some waits as Azure says.
 * https://learn.microsoft.com/azure/aks/quotas-skus-regions#throttling-limits-on-aks-resource-provider-apis
 */
export function paceMs(waitedMs: number): number {
    return Math.min(Math.max(500, waitedMs / 30), 1_500);
}
