import { X509Certificate } from "node:crypto";
import type { Certificate } from "./record";

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates in a PEM text, in its order.
 *
 * @throws Error when one of them is not an X.509 certificate
 */
export function certificatesIn(text: string): X509Certificate[] {
    return (text.match(pem) ?? []).map((block) => new X509Certificate(block));
}

/** What one needs to know of a certificate. */
export function describeCertificate(certificate: X509Certificate): Certificate {
    return {
        subject: oneLine(certificate.subject),
        issuer: oneLine(certificate.issuer),
        expires: new Date(certificate.validTo).toISOString(),
        fingerprint: certificate.fingerprint256,
    };
}

/** The fingerprints of certificates, sorted, each once. Their order in a file says nothing. */
export function fingerprintsOf(certificates: X509Certificate[]): string[] {
    return [...new Set(certificates.map((certificate) => certificate.fingerprint256))].sort();
}

/** Whether two sets of fingerprints, as `fingerprintsOf` gives them, are of the same certificates. */
export function sameFingerprints(one: readonly string[], other: readonly string[]): boolean {
    return one.length === other.length && one.every((fingerprint, i) => fingerprint === other[i]);
}

/**
 * Whether authorities have signed a certificate: themselves, or by those that come after it, each of which has signed
 * the one before. Only signatures count; an authority has the same name after a rotation.
 *
 * @param chain the certificate, and then those that may lead from it to an authority
 */
export function isSigned(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
    for (const [i, certificate] of chain.entries()) {
        if (authorities.some(({ publicKey }) => certificate.verify(publicKey))) {
            return true;
        }
        const next = chain[i + 1];
        if (next === undefined || !certificate.verify(next.publicKey)) {
            return false;
        }
    }
    return false;
}

function oneLine(name: string): string {
    return name.split("\n").join(", ");
}
