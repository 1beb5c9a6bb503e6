import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const specs = [
    ["tests", "unit", "clusters.spec.ts"],
    ["tests", "engine", "clusters.spec.ts"],
    ["tests", "unit", "run-command.spec.ts"],
    ["tests", "unit", "cluster-id.spec.ts"],
    ["tests", "engine", "generation.spec.ts"],
    ["tests", "engine", "bad-input.spec.ts"],
];

/** The titles of a spec's tests; what is filled in is "…". */
function titles(spec: string): string[] {
    return [...spec.matchAll(/\bit\(\s*(["`])(.+?)\1,/g)].map(([, , title = ""]) => title.replace(/\$\{[^}]*\}/g, "…"));
}

describe("the page on kinds of clusters", () => {
    const page = read("docs", "clusters.md");
    const held = new Map(
        [...page.matchAll(/^- (.+?): (".+")$/gm)].map(([, kind = "", tests = ""]) => [
            kind,
            [...tests.matchAll(/"(.+?)"(?:, |$)/g)].map(([, title]) => title),
        ]),
    );

    it("names no kind twice, and the tests of each row that has no checks of its own", () => {
        const [, table = ""] = /^\| cluster \| arguments \|\n.*\n((?:\|.*\n)+)/m.exec(page) ?? [];
        const rows = [...table.matchAll(/^\| (.+?) \|/gm)].map(([, kind = ""]) => kind);
        assert.ok(rows.length > 0);
        for (const row of rows) {
            assert.ok(held.has(row), row);
        }
        assert.equal(held.size, page.match(/^- .+?: ".+"$/gm)?.length);
    });

    it("names tests that are there", () => {
        const all = new Set(specs.flatMap((path) => titles(read(...path))));
        for (const [kind, tests] of held) {
            assert.ok(tests.length > 0, kind);
            for (const test of tests) {
                assert.ok(all.has(String(test)), `${kind}: ${test}`);
            }
        }
    });

    it("leaves no test on kinds of clusters out", () => {
        const named = new Set([...held.values()].flat());
        const [unit, engine, runCommand = ""] = specs.map((path) => read(...path));
        // How a command is run is a matter of its own.
        const [through = "", apart = ""] = runCommand.split('describe("a command in a cluster"');
        const run = apart.slice(apart.indexOf('describe("a run of the rotator'));
        const all = [unit, engine, through, run].flatMap((spec) => titles(spec ?? ""));
        assert.ok(all.length > 20);
        for (const test of all) {
            assert.ok(named.has(test), test);
        }
    });
});
