import type { X509Certificate } from "node:crypto";
import { describeCertificate } from "../formats/certificate";
import type { CertificateStatus, State } from "../formats/status";

/** From how many days left on something is no longer well. */
export interface Thresholds {
    warnDays: number;
    criticalDays: number;
}

/** What a certificate's expiry means at a time (milliseconds since 1970). */
export function judgeCertificate(
    what: CertificateStatus["certificate"],
    certificate: X509Certificate,
    thresholds: Thresholds,
    now: number,
): CertificateStatus {
    const { subject, issuer, expires, fingerprint } = describeCertificate(certificate);
    const daysLeft = Math.floor((Date.parse(expires) - now) / 86_400_000);
    return {
        certificate: what,
        subject,
        authority: issuer,
        expires,
        daysLeft,
        fingerprint,
        state: judgeDays(daysLeft, thresholds),
    };
}

/** What so many days left mean; negative ones: it has expired, which is critical whatever the thresholds. */
export function judgeDays(daysLeft: number, { warnDays, criticalDays }: Thresholds): State {
    if (daysLeft < 0 || daysLeft <= criticalDays) {
        return "critical";
    }
    return daysLeft <= warnDays ? "warning" : "ok";
}

/** The worst of some states, as the monitoring plugins rank them: critical, warning, unknown, ok. None: ok. */
export function worst(states: readonly State[]): State {
    return (["critical", "warning", "unknown"] as const).find((state) => states.includes(state)) ?? "ok";
}

/** The exit code of a monitoring plugin. Source: the Monitoring Plugins Development Guidelines. */
export const exitCodes: Record<State, number> = { ok: 0, warning: 1, critical: 2, unknown: 3 };
