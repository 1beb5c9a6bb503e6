import { X509Certificate } from "node:crypto";

// extKeyUsage clientAuth: RFC 5280, 4.2.1.12.
const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";

/**
 * Whether a client certificate is one of this CA and in date, at this moment of the API server's clock. OpenSSL's own
 * verdict would be by the machine's.
 *
 * @param ca PEM.
 */
export function isClientOf(certificate: X509Certificate, ca: string, now: Date): boolean {
    const issuer = new X509Certificate(ca);
    const isInDate = ({ validFromDate, validToDate }: X509Certificate) => validFromDate <= now && now <= validToDate;
    return (
        certificate.checkIssued(issuer) &&
        certificate.verify(issuer.publicKey) &&
        (certificate.keyUsage?.includes(CLIENT_AUTHENTICATION) ?? true) &&
        [certificate, issuer].every(isInDate)
    );
}
