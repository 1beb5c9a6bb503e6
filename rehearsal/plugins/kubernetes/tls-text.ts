/** Why a connection failed, worded as Go's standard library does: the text that users of the official plugin search for. */
import { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";

/** Codes by which Node.js says that a certificate is not of a CA that is trusted. */
export const unknownAuthority: ReadonlySet<string> = new Set([
    "CERT_SIGNATURE_FAILURE",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "CERT_UNTRUSTED",
    "INVALID_CA",
]);

/** The certificate that a server shows, whoever signed it; undefined if it shows none within two seconds. */
function shownCertificate(url: URL): Promise<X509Certificate | undefined> {
    return new Promise((resolve) => {
        const done = (certificate: X509Certificate | undefined, socket: TLSSocket) => {
            socket.destroy();
            resolve(certificate);
        };
        const socket: TLSSocket = connect(
            { host: url.hostname, port: Number(url.port || 443), rejectUnauthorized: false, timeout: 2000 },
            () => done(socket.getPeerX509Certificate(), socket),
        );
        socket.on("error", () => done(undefined, socket));
        socket.on("timeout", () => done(undefined, socket));
    });
}

/** The certificates in PEM text. */
function certificates(pem: string): X509Certificate[] {
    const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return found.map((text) => new X509Certificate(text));
}

/**
 * Go names the certificate that has the issuer's name, but not its key: the mark of a replaced CA.
 */
async function replacedAuthority(url: URL, ca: string): Promise<string> {
    const shown = await shownCertificate(url);
    const candidate = certificates(ca).find(({ subject }) => subject === shown?.issuer);
    if (!shown || !candidate || shown.verify(candidate.publicKey)) {
        return "";
    }
    const rsa = candidate.publicKey.asymmetricKeyType === "rsa";
    const cause = rsa ? "crypto/rsa: verification error" : "x509: ECDSA verification failure";
    const name = /^CN=(.*)$/m.exec(candidate.subject)?.[1] ?? /^O=(.*)$/m.exec(candidate.subject)?.[1];
    const known = name ?? `serial:${BigInt(`0x${candidate.serialNumber}`)}`;
    return ` (possibly because of "${cause}" while trying to verify candidate authority certificate "${known}")`;
}

/**
 * @param error What the request to `url` failed with.
 * @param ca The authorities that the connection trusts, as PEM.
 */
export async function connectionFailure(error: NodeJS.ErrnoException, url: URL, ca: string): Promise<string> {
    const address = `${url.hostname}:${url.port || 443}`;
    const code = error.code ?? "";
    if (unknownAuthority.has(code)) {
        const hint = await replacedAuthority(url, ca);
        return `tls: failed to verify certificate: x509: certificate signed by unknown authority${hint}`;
    }
    switch (code) {
        case "CERT_HAS_EXPIRED":
        case "CERT_NOT_YET_VALID":
            return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
        case "ERR_TLS_CERT_ALTNAME_INVALID":
            return `tls: failed to verify certificate: x509: certificate is not valid for ${url.hostname}: ${error.message}`;
        case "ECONNREFUSED":
            return `dial tcp ${address}: connect: connection refused`;
        case "ENOTFOUND":
        case "EAI_AGAIN":
            return `dial tcp: lookup ${url.hostname}: no such host`;
        case "ETIMEDOUT":
            return `dial tcp ${address}: i/o timeout`;
        case "ECONNRESET":
            return `read tcp ${address}: connection reset by peer`;
        default:
            return error.message;
    }
}
