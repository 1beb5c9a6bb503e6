import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "..", "..");
const page = join("docs", "api", "README.md");

describe("the API reference", function () {
    this.timeout(60_000);
    let folder: string;

    before(() => {
        folder = mkdtempSync(join(tmpdir(), "api-reference-"));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("is made without a warning, so that every export has a doc comment, and is the one in docs", async () => {
        const settings = JSON.parse(readFileSync(join(root, "typedoc.json"), "utf8"));
        assert.ok(settings.treatWarningsAsErrors && settings.validation.notDocumented);
        const typedoc = join(root, "node_modules", "typedoc", "bin", "typedoc");
        const made = await promisify(execFile)(process.execPath, [typedoc, "--out", folder, "--logLevel", "Warn"], {
            cwd: root,
        }).then(
            ({ stdout, stderr }) => stdout + stderr,
            (error: { stdout: string; stderr: string }) => assert.fail(error.stdout + error.stderr),
        );
        assert.equal(made, "");
        assert.equal(
            readFileSync(join(root, page), "utf8"),
            readFileSync(join(folder, "README.md"), "utf8"),
            `${page} is out of date: npm run docs`,
        );
    });

    it("has everything that the package exports", async () => {
        const text = readFileSync(join(root, page), "utf8");
        const index = readFileSync(join(root, "components", "index.ts"), "utf8");
        const exported = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = ""]) =>
            names.split(",").map((name) => name.replace(/\btype\b/, "").trim()),
        );
        const missing = exported.filter((name) => name && !new RegExp(`^### ${name}(\\(\\))?$`, "m").test(text));
        assert.ok(exported.includes("CertificateRotation"));
        assert.deepEqual(missing, []);
    });

    it("is found from README", () => {
        assert.ok(readFileSync(join(root, "README.md"), "utf8").includes("](docs/api/README.md)"));
    });
});
