import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { doctorChecks } from "../../cli/diagnose";
import { checks } from "../../rotator/preflight/finding";

describe("the page of the preflight", () => {
    it("has a row for each check, in their order, and no other", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "preflight.md"), "utf8");
        const cells = page.split("\n").map((line) => line.split(/\s*\|\s*/));
        // The table of modes has a column less.
        const rows = cells
            .filter((row) => row.length === 7)
            .flatMap(([, name]) => /^`(\w+)`$/.exec(name ?? "")?.[1] ?? []);
        assert.deepEqual(rows, [...checks, ...doctorChecks]);
    });
});
