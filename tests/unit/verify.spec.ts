import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { certificatesIn, fingerprintsOf } from "../../formats/certificate";
import { setTheClock } from "../../rotator/clock-skew";
import { CheckFailed } from "../../rotator/verification";
import { verifyCredentials } from "../../rotator/verify";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A self-signed certificate that is its own CA, of a server on this machine. */
async function selfSigned(notBefore: Date): Promise<{ cert: string; key: string }> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        name: "CN=server",
        keys,
        notBefore,
        notAfter: new Date(notBefore.getTime() + 3_600_000),
        signingAlgorithm: algorithm,
        extensions: [
            new x509.BasicConstraintsExtension(true, undefined, true),
            new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }]),
        ],
    });
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
}

describe("a verification", () => {
    it("that fails since a certificate is not valid yet says that the clocks differ, and by how much", async () => {
        const identity = await selfSigned(new Date(Date.now() + 600_000));
        const server = createServer(identity, (socket) => socket.end()).listen(0, "127.0.0.1");
        await once(server, "listening");
        try {
            const ca = certificatesIn(identity.cert);
            const now = {
                server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
                caCertificate: identity.cert,
                caFingerprints: fingerprintsOf(ca),
                ca,
            };
            await assert.rejects(
                verifyCredentials(now, async () => "", AbortSignal.timeout(5000)),
                (error) =>
                    error instanceof CheckFailed &&
                    error.advice === setTheClock &&
                    /CERT_NOT_YET_VALID.*clock of this machine that is yet to come: it and the cluster's differ by (9|10) min at least/.test(
                        error.message,
                    ),
            );
        } finally {
            server.close();
        }
    });
});
