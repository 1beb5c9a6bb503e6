import type { X509Certificate } from "node:crypto";
import { EXPIRY_WARNING_DAYS } from "../../formats/expiry";
import { type Finding, ok, unknown } from "./finding";

const dayMs = 24 * 3600 * 1000;

/** Certificates of a cluster, each with its name. */
export type Certificates = { name: string; certificate: Pick<X509Certificate, "validTo"> }[];

/**
 * Judges when the cluster's certificates expire. It warns of each that has expired or expires within
 * {@link EXPIRY_WARNING_DAYS} days, and blocks nothing, since a rotation renews them.
 *
 * @param now milliseconds since 1970
 */
export function judgeCertificates(certificates: Certificates, now: number): Finding {
    const check = "certificates";
    const sorted = certificates
        .map(({ name, certificate }) => ({ name, at: Date.parse(certificate.validTo) }))
        .filter(({ at }) => !Number.isNaN(at))
        .sort((a, b) => a.at - b.at);
    const [first] = sorted;
    if (first === undefined) {
        return unknown(check, "no certificate could be looked at");
    }
    const days = (at: number) => Math.floor((at - now) / dayMs);
    const date = (at: number) => new Date(at).toISOString().slice(0, 10);
    const expired = sorted.filter(({ at }) => at < now);
    const soon = sorted.filter(({ at }) => at >= now && days(at) <= EXPIRY_WARNING_DAYS);
    if (expired.length + soon.length === 0) {
        return ok(check, `the first to expire is the ${first.name}: on ${date(first.at)}, in ${days(first.at)} days`);
    }
    return {
        check,
        status: "warns",
        message: [
            ...expired.map(({ name, at }) => `the ${name} has expired on ${date(at)}`),
            ...soon.map(
                ({ name, at }) =>
                    `the ${name} expires on ${date(at)}, in ${days(at)} ${days(at) === 1 ? "day" : "days"}`,
            ),
        ].join("; "),
        advice:
            expired.length > 0
                ? "A rotation makes new ones."
                : "A rotation makes new ones: raise the rotation generation before then.",
    };
}
