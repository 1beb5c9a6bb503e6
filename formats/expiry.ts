/** How many days before its expiry a certificate is warned of. */
export const EXPIRY_WARNING_DAYS = 60;

const DAY_MS = 24 * 3600 * 1000;

/** A certificate that is named in a warning. */
export interface NamedCertificate {
    /** Such as `cluster CA`. */
    name: string;
    /** ISO 8601. */
    expires: string;
}

/**
 * The warning of certificates that have expired or expire within {@link EXPIRY_WARNING_DAYS} days.
 *
 * @param now milliseconds since 1970
 * @returns undefined where there is none of them
 */
export function expiryWarning(certificates: readonly NamedCertificate[], now: number): string | undefined {
    const soon = certificates
        .map(({ name, expires }) => ({ name, at: Date.parse(expires) }))
        .filter(({ at }) => at - now < (EXPIRY_WARNING_DAYS + 1) * DAY_MS)
        .sort((a, b) => a.at - b.at);
    if (soon.length === 0) {
        return undefined;
    }
    const clauses = soon.map(({ name, at }) => {
        const date = new Date(at).toISOString().slice(0, 10);
        const days = Math.floor((at - now) / DAY_MS);
        return at < now
            ? `the ${name} has expired on ${date}`
            : `the ${name} expires on ${date}, in ${days} ${days === 1 ? "day" : "days"}`;
    });
    const text = [...new Set(clauses)].join("; ");
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}. Raise rotationGeneration: a rotation makes new certificates.`;
}
