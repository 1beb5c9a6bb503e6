import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(__dirname, "..", "..");

/** The folders of the packages of which a bundle of these programs has code, as esbuild reports them. */
async function bundledFolders(programs: string[]): Promise<string[]> {
    const { metafile } = await build({
        entryPoints: programs,
        absWorkingDir: root,
        outdir: "nowhere",
        write: false,
        bundle: true,
        metafile: true,
        platform: "node",
        mainFields: ["module", "main"],
        logLevel: "silent",
    });
    const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const folders = files.map((file) => /^(.*node_modules\/(@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
    return [...new Set(folders.filter((folder) => folder !== undefined))];
}

describe("the third-party notices beside the bundles", function () {
    this.timeout(60_000);

    it("have name, version, license and license text of every package that is bundled, and of no other", async () => {
        const [, ...sections] = readFileSync(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), "utf8").split(
            /^={80}\n(?=\S+ \d+\.\d+\.\d+\S*\nLicense: )/m,
        );
        const folders = await bundledFolders([
            "rotator/main.ts",
            "rotator/guard.ts",
            "cli/main.ts",
            "azure/sign-in/pfx.ts",
        ]);
        assert.ok(folders.includes("node_modules/@azure/identity"));
        const titles = [];
        for (const folder of folders) {
            const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
            const title = `${name} ${version}\nLicense: ${license}\n`;
            const section = sections.find((text) => text.startsWith(title));
            assert.ok(section !== undefined, `${title} is missing`);
            titles.push(title);
            const licenses = readdirSync(join(root, folder)).filter((file) => /^licen[cs]e/i.test(file));
            assert.ok(licenses.length > 0, `${name} has its license in a file`);
            for (const file of licenses) {
                const text = readFileSync(join(root, folder, file), "utf8")
                    .replaceAll("\r\n", "\n")
                    .trim();
                assert.ok(text.length > 200 && section.includes(text), `${name}: the text of ${file}`);
            }
        }
        assert.equal(sections.length, titles.length);
    });
});
