import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseLanguageHost } from "../../rehearsal/plugins/language-host";
import { withEnvironment } from "../support/with-environment";

describe("the choice of the language host", () => {
    let folder = "";
    beforeEach(() => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), "choose-host-")));
        for (const name of ["path", "pulumi", "link"]) {
            mkdirSync(join(folder, name));
        }
        put("pulumi/pulumi");
        symlinkSync(join(folder, "pulumi", "pulumi"), join(folder, "link", "pulumi"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const put = (path: string) => writeFileSync(join(folder, path), "", { mode: 0o755 });

    /** What is chosen, and what is reported. */
    async function choose() {
        const lines: string[] = [];
        const pulumi = {
            name: "pulumi",
            version: "3.259.0",
            path: join(folder, "link", "pulumi"),
            source: "PATH",
        } as const;
        const host = await withEnvironment({ PATH: join(folder, "path") }, () =>
            chooseLanguageHost(pulumi, (line) => lines.push(line)),
        );
        return { ...host, lines };
    }

    it("takes the official one on PATH, as the engine does", async () => {
        put("path/pulumi-language-nodejs");
        put("pulumi/pulumi-language-nodejs");
        const { official, folder: own, lines } = await choose();
        assert.deepEqual([official, own], [true, undefined]);
        assert.match(lines.join(), new RegExp(`the official one, ${folder}/path/`));
    });

    it("takes the official one beside pulumi, through a link too", async () => {
        put("pulumi/pulumi-language-nodejs");
        const { official, folder: own, lines } = await choose();
        assert.deepEqual([official, own], [true, undefined]);
        assert.match(lines.join(), new RegExp(`the official one, ${folder}/pulumi/`));
    });

    it("takes the small one elsewhere, and says so", async () => {
        const { official, folder: own, lines } = await choose();
        assert.equal(official, false);
        assert.match(own ?? "", /language-nodejs$/);
        assert.match(lines.join(), /the small one of packages\/language-host/);
    });
});
