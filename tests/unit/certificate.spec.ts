import assert from "node:assert/strict";
import { webcrypto, type X509Certificate } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import {
    certificatesIn,
    describeCertificate,
    fingerprintsOf,
    isSigned,
    sameFingerprints,
} from "../../formats/certificate";
import { authority } from "../support/fake-api-server";

describe("a certificate below an intermediate one", () => {
    it("is signed by the root, through the intermediate that signed it, and not where a link is missing", async () => {
        const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
        const make = async (issuer?: webcrypto.CryptoKey) => {
            const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
            const made = await x509.X509CertificateGenerator.create({
                subject: "CN=ca",
                issuer: "CN=ca",
                notBefore: new Date(),
                notAfter: new Date(Date.now() + 3_600_000),
                signingKey: issuer ?? keys.privateKey,
                publicKey: keys.publicKey,
                signingAlgorithm: algorithm,
            });
            const [certificate] = certificatesIn(made.toString("pem"));
            return { certificate: certificate ?? assert.fail("no certificate"), key: keys.privateKey };
        };
        const root = await make();
        const between = await make(root.key);
        const leaf = await make(between.key);
        const stranger = await make();
        const signed = (chain: { certificate: X509Certificate }[], authority: { certificate: X509Certificate }) =>
            isSigned(
                chain.map(({ certificate }) => certificate),
                [authority.certificate],
            );
        assert.equal(signed([leaf, between], root), true);
        assert.equal(signed([leaf], between), true);
        assert.equal(signed([leaf], root), false);
        assert.equal(signed([leaf, root], root), false, "the chain has a gap");
        assert.equal(signed([leaf, between], stranger), false);
    });
});

describe("CA bundles", () => {
    it("are the same where they hold the same certificates, no more and no fewer", () => {
        for (const [one, other, same] of [
            [["A"], ["A"], true],
            [["A"], ["B"], false],
            [["A"], ["A", "B"], false],
            [["A", "B"], ["A"], false],
            [["A", "B"], ["A", "B"], true],
            [["A", "B"], ["A", "C"], false],
            [["A", "B"], ["C", "B"], false],
            [[], ["A"], false],
            [["A"], [], false],
        ] as const) {
            assert.equal(sameFingerprints(one, other), same, `${one} and ${other}`);
        }
    });

    it("have fingerprints in an order of their own, each once", async () => {
        const [one, other] = await Promise.all([authority(), authority()]);
        const pem = [one.identity.certificate, other.identity.certificate];
        const read = (...texts: (string | undefined)[]) => fingerprintsOf(certificatesIn(texts.join("\n")));
        const both = read(pem[0], pem[1]);
        assert.equal(both.length, 2);
        assert.deepEqual(read(pem[1], pem[0]), both);
        assert.deepEqual(read(pem[0], pem[1], pem[0]), both);
        assert.deepEqual(both, [...both].sort());
        assert.deepEqual([...read(pem[0]), ...read(pem[1])].sort(), both);
        assert.match(both[0] ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, "SHA-256");
    });

    it("are read whatever is between the certificates, and not where one is broken", async () => {
        const { certificate } = (await authority()).identity;
        const text = `subject=CN=ca\r\n${certificate.replaceAll("\n", "\r\n")}\r\n# next\r\n${certificate}`;
        assert.equal(certificatesIn(text).length, 2);
        assert.deepEqual(certificatesIn("no certificate"), []);
        assert.throws(() => certificatesIn(certificate.replace(/\n[A-Za-z0-9+/]{20}/, "\nAAAAAAAAAAAAAAAAAAAA")));
    });

    it("are described by subject, issuer, expiry and SHA-256 fingerprint", async () => {
        const ca = await authority();
        const issued = await ca.issue({ commonName: "me", organization: "us", validSeconds: 3600 }, "client");
        const [certificate] = certificatesIn(issued.certificate);
        assert.ok(certificate);
        const described = describeCertificate(certificate);
        assert.match(described.subject, /^(O=us, CN=me|CN=me, O=us)$/);
        assert.equal(described.issuer, "CN=ca");
        assert.equal(Date.parse(described.expires), Date.parse(certificate.validTo));
        assert.equal(described.fingerprint, certificate.fingerprint256);
    });
});
