import type { X509Certificate } from "node:crypto";

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
    if (latest <= now) {
        return undefined;
    }
    // In whole minutes, so that it is not another line every second while it is waited for.
    const minutes = Math.floor((latest - now) / 60_000);
    return (
        `a certificate is valid only from ${new Date(latest).toISOString()}, and by the clock of this machine that is yet ` +
        `to come: it and the cluster's differ by ${minutes > 0 ? `${minutes} min at least` : "some seconds at least"}`
    );
}
