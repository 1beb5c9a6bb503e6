import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOidcSource } from "../../azure/sign-in/oidc-token";

describe("the file of an OIDC token", () => {
    let folder: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "oidc-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const tokenOf = (contents: Buffer) => {
        const path = join(folder, "token");
        writeFileSync(path, contents);
        return findOidcSource({ ARM_OIDC_TOKEN_FILE_PATH: path }).getToken();
    };

    it("can have a byte order mark and line breaks of Windows, which are not sent", async () => {
        assert.equal(await tokenOf(Buffer.from("\ufeffhead.body.signature\r\n")), "head.body.signature");
    });

    it("is refused as UTF-16, without repeating it", async () => {
        for (const text of ["\ufeffhead.body.signature", "head.body.signature\r\n"]) {
            await assert.rejects(tokenOf(Buffer.from(text, "utf16le")), ({ message }: Error) => {
                assert.match(
                    message,
                    /but that file is UTF-16 text, as PowerShell's > writes it\. Save it as UTF-8\.$/,
                );
                return !message.includes("signature");
            });
        }
    });

    it("is named where it is a directory", async () => {
        const source = findOidcSource({ ARM_OIDC_TOKEN_FILE_PATH: folder });
        await assert.rejects(source.getToken(), /but that file cannot be read \(it is a directory\)/);
    });
});
