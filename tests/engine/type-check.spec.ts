import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { copyCheckout } from "../support/checkout-copy";
import { CliProject } from "../support/pulumi-cli";
import { engineTimeoutMs } from "../support/tools";

describe("an error of type in the program of a checkout", function () {
    this.timeout(2 * engineTimeoutMs);

    it("costs a preview no time: the program runs without type checking, and tsc, as of npm run check, finds the error", async () => {
        await using project = await CliProject.open({ scaffold: false });
        await copyCheckout(project.folder);
        await appendFile(join(project.folder, "index.ts"), '\nconst wrong: number = "text";\nvoid wrong;\n');
        await project.succeed("pulumi stack init dev");

        // The program has run: it asks for its config.
        const preview = await project.run("pulumi preview");
        assert.match(preview.output, /pulumi config set rotationGeneration 1/);
        assert.doesNotMatch(preview.output, /TS2322|TSError/);

        const check = await project.run("node node_modules/typescript/bin/tsc");
        assert.notEqual(check.code, 0);
        assert.match(check.output, /index\.ts\S* error TS2322: Type 'string' is not assignable to type 'number'/);
    });
});
