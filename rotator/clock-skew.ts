import type { X509Certificate } from "node:crypto";
import { spoken } from "./progress";

/** What to do about clocks that differ. */
export const setTheClock = "Set the clock of this machine right (or the cluster's, where that is the wrong one)";

/**
 * That certificates are not valid yet, which shows that two clocks differ, and by how much at least; undefined where all
 * are valid already.
 *
 * @param certificates made by the clock of the cluster
 * @param now the time by the clock of this machine, milliseconds since 1970
 */
export function notValidYet(certificates: Pick<X509Certificate, "validFrom">[], now: number): string | undefined {
    const latest = Math.max(...certificates.map(({ validFrom }) => Date.parse(validFrom)));
    return latest > now
        ? `a certificate is valid only from ${new Date(latest).toISOString()}, but here it is ` +
              `${new Date(now).toISOString()}: the clocks of this machine and of the cluster differ, ` +
              `by ${spoken(Math.max(1000, latest - now))} at least`
        : undefined;
}
