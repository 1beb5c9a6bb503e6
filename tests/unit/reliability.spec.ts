import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleRuns } from "../chaos/run";
import { Tally } from "../chaos/tally";
import { faultsSection } from "../support/faults-section";
import { withoutAnswers, withoutGiven } from "../support/leaks";
import { replaceSection, sectionOf, table } from "../support/page-section";
import type { Row } from "../support/row";
import { allowances } from "./model/allowances";

const made = { day: "2026-01-02", with: "Pulumi 3" };
const row = (own: Partial<Row>): Row => ({
    chapter: "C",
    broken: "b",
    where: "w",
    times: 1,
    saw: "s",
    rotations: 1,
    record: "rotated",
    ...own,
});

describe("the page on reliability", () => {
    it("keeps everything but the section that is replaced", () => {
        const page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        const once = replaceSection(page, "x", "new");
        assert.equal(once, "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n");
        assert.equal(replaceSection(once, "x", "new"), once);
        assert.throws(() => replaceSection(page, "y", "new"), /no section "y"/);
    });

    it("has the sections that the runs write, of runs that nothing failed in", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "reliability.md"), "utf8");
        assert.match(sectionOf(page, "faults"), /\d{3} faults, .*survived; .* 0 secrets found/s);
        assert.match(sectionOf(page, "chaos"), /: ([5-9]\d\d|\d{4,}) kills, 0 failed\. Again: .*--seed \d+/s);
    });

    it("tells all that the model lets pass, in its words", () => {
        const page = readFileSync(join(__dirname, "..", "..", "docs", "reliability.md"), "utf8").replace(/\s+/g, " ");
        for (const { when } of Object.values(allowances)) {
            assert.ok(page.includes(when), when);
        }
    });

    it("counts the faults and the rotations, and has a table for each chapter", () => {
        const section = faultsSection([row({ chapter: "B", rotations: 2, times: 3 }), row({ chapter: "A" })], made, 5);
        assert.match(section, /2 faults, broken 4 times in all, each survived; 3 rotations/);
        assert.match(
            section,
            /5 times Pulumi's SDK lost its engine before anything was done, and that up was run again/,
        );
        assert.ok(section.indexOf("### A") < section.indexOf("### B"));
        assert.match(section, /\| b \| w \| 3 \| s \| 2 rotations, rotated \|/);
    });

    it("draws a chapter as a grid where all was broken everywhere", () => {
        const rows = ["1", "2", "3"].flatMap((where) => ["x", "y", "z"].map((broken) => row({ broken, where })));
        const section = faultsSection(
            rows.slice(1).map((own, i) => ({ ...own, times: i === 0 ? 2 : 1 })),
            made,
            0,
        );
        assert.match(section, /Each was broken once, or as often as it says \(×\)\./);
        assert.match(section, /\| y \| 1 rotation, rotated ×2 \|/);
        assert.match(section, /\| {2}\| 1 \| 2 \| 3 \|/);
        assert.match(section, /\| x \| – \| 1 rotation, rotated \| 1 rotation, rotated \|/);
        assert.match(section, /The user reads: \*s\*/);
    });

    it("escapes what would end a cell", () => {
        assert.match(table(["a"], [["x|y"]]), /\| x\\\|y \|/);
    });
});

describe("the runs of chaos", () => {
    it("are told by victim and outcome, with those that were run again", () => {
        const tally = new Tally(3, 7);
        const [run] = sampleRuns(1, 7);
        assert.ok(run);
        for (const outcome of ["rotated", "rotated", "found rotated"] as const) {
            tally.count({ run: { ...run, victim: "the engine" }, killed: true, outcome, ready: true });
        }
        const section = tally.section(made, 4);
        assert.match(section, /3 kills, 0 failed\. Again: `npm run test:chaos -- --runs 3 --seed 7`/);
        assert.match(section, /4 times Pulumi's SDK lost its engine before anything was done/);
        assert.match(section, /\| the engine \| 1 \| 2 \|/);
    });

    it("are the same for the same seed, and others for another", () => {
        assert.deepEqual(sampleRuns(20, 1), sampleRuns(20, 1));
        assert.notDeepEqual(sampleRuns(20, 1), sampleRuns(20, 2));
        assert.deepEqual(
            sampleRuns(20, 1).slice(0, 5),
            sampleRuns(5, 1),
            "a run does not depend on how many there are",
        );
    });

    it("kill everybody, at moments all over an up", () => {
        const runs = sampleRuns(200, 7);
        assert.equal(new Set(runs.map(({ victim }) => victim)).size, 5);
        for (const tenth of Array(10).keys()) {
            const some = runs.filter(({ moment }) => Math.min(9, Math.floor(moment * 10)) === tenth);
            assert.ok(some.length > 5, `${some.length} of 200 in the ${tenth + 1}. tenth`);
        }
    });
});

describe("a verbose log", () => {
    it("is searched but for the records in which Pulumi itself repeats Azure's answers", () => {
        const answer = "Invoke RPC finished: tok=azure-native:containerservice:listManagedClusterUserCredentials";
        const log = `{"time":"1","msg":"a"}\n{"time":"2","msg":"${answer}"}\nrest of it\n{"time":"3","msg":"b"}`;
        assert.equal(withoutAnswers(log), '{"time":"1","msg":"a"}\n{"time":"3","msg":"b"}');
    });

    it("is searched for the secrets of arguments but where Pulumi itself repeats a resource's properties", () => {
        const repeated = "Marshaling property for RPC[Provider[0x1].Create(urn).inputs]: value={SECRET}";
        const log = `{"time":"1","msg":"${repeated}"}\n{"time":"2","msg":"SECRET"}\nSECRET`;
        const searched = withoutGiven(log, ["SECRET"]);
        assert.equal(searched, log.replace("{SECRET}", "{[given]}"));
    });
});
