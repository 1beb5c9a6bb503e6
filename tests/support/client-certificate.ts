import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
};

/** A self-signed certificate of a client, and its key; both PEM. */
export interface ClientCertificate {
    certificate: string;
    /** PKCS #8. */
    key: string;
}

/** Makes one. Its key is RSA, as Entra wants it. @param days how long it is valid; negative: it has expired */
export async function makeClientCertificate(days = 1): Promise<ClientCertificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const now = Date.now();
    const end = now + days * 24 * 3600 * 1000;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
        {
            name: "CN=rotator",
            keys,
            signingAlgorithm: algorithm,
            notBefore: new Date(Math.min(now, end) - 24 * 3600 * 1000),
            notAfter: new Date(end),
        },
        webcrypto as unknown as typeof globalThis.crypto,
    );
    const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    return {
        certificate: certificate.toString("pem"),
        key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
    };
}
