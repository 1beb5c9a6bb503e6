import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { trustedCertificates } from "../../azure/trusted-certificates";
import { makeClientCertificate } from "../support/client-certificate";

describe("the CA certificates to trust", () => {
    const folder = mkdtempSync(join(tmpdir(), "trusted-"));
    const [ofNode = ""] = getCACertificates("default");
    after(() => rmSync(folder, { recursive: true }));

    it("are Node.js's own where the variables name nothing more", () => {
        const file = join(folder, "known.pem");
        writeFileSync(file, `# known\r\n${ofNode.replaceAll("\n", "\r\n")}`);
        assert.equal(trustedCertificates({}), undefined);
        assert.equal(trustedCertificates({ SSL_CERT_FILE: file }), undefined);
    });

    it("have each one that is added once, however often it is named", async () => {
        const { certificate } = await makeClientCertificate();
        for (const name of ["own.pem", "own-again.pem"]) {
            writeFileSync(join(folder, name), `${ofNode}\n${certificate}\n${certificate}`);
        }
        const trusted = trustedCertificates({ SSL_CERT_FILE: join(folder, "own.pem"), SSL_CERT_DIR: folder }) ?? [];
        const prints = (list: string[]) => list.map((pem) => new X509Certificate(pem).fingerprint256).sort();
        const expected = new Set([...prints(getCACertificates("default")), ...prints([certificate])]);
        assert.deepEqual(prints(trusted), [...expected].sort());
    });
});
