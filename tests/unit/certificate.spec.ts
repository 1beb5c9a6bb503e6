import assert from "node:assert/strict";
import { certificatesIn, describeCertificate, fingerprintsOf, sameFingerprints } from "../../formats/certificate";
import { authority } from "../support/fake-api-server";

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
