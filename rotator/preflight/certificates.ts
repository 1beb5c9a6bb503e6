import type { X509Certificate } from "node:crypto";
import { type Finding, ok, unknown } from "./finding";

const dayMs = 24 * 3600 * 1000;

/** Certificates of a cluster, each with its name. */
export type Certificates = { name: string; certificate: Pick<X509Certificate, "validTo"> }[];

/**
 * When the cluster's certificates expire. It tells; one that has expired is no hindrance, since a rotation mends it.
 *
 * @param now milliseconds since 1970
 */
export function judgeCertificates(certificates: Certificates, now: number): Finding {
    const first = certificates
        .map(({ name, certificate }) => ({ name, at: Date.parse(certificate.validTo) }))
        .sort((a, b) => a.at - b.at)[0];
    if (first === undefined || Number.isNaN(first.at)) {
        return unknown("certificates", "no certificate could be looked at");
    }
    const date = new Date(first.at).toISOString().slice(0, 10);
    if (first.at < now) {
        return {
            check: "certificates",
            status: "warns",
            message: `the ${first.name} has expired on ${date}`,
            advice: "A rotation makes new ones.",
        };
    }
    const days = Math.floor((first.at - now) / dayMs);
    return ok("certificates", `the first to expire is the ${first.name}: on ${date}, in ${days} days`);
}
