import assert from "node:assert/strict";
import { azureMutants } from "./azure-mutants";
import { realBrain } from "./brain";
import { type Finding, search } from "./check";
import type { HistoryEvent } from "./history";
import { mutants } from "./mutants";
import { promises } from "./promises";
import { IGNORED } from "./switches";

/** How a story begins to tell of an event. */
const openings: Record<HistoryEvent["event"], RegExp> = {
    up: /^up at generation \d+/,
    "time passes": /^\d+ s pass/,
    "the engine is killed": /^the engine is killed (\(none runs\)|before|after|between|while)/,
    "our next rotation": /^our next (\d+ )?rotations?\b.* takes \d+ s/,
    "our next POST": /^our next POST: \w+/,
    "they rotate": /^somebody else's rotation takes \d+ s/,
    they: /^somebody else: \w+, \d+ s, \w+/,
    "they cancel": /^somebody cancels what is under way/,
    "Azure is down": /^Azure cannot be asked for \d+ s/,
    "Azure hangs": /^Azure answers nothing for \d+ s/,
    "the API server is unreachable": /^the API server is unreachable for \d+ s/,
    "something answers in Azure's place": /^(nothing|object|page) is answered in Azure's place for \d+ s/,
    "Azure hides the resourceUID": /^Azure hides the resourceUID for \d+ s/,
    "the CA bundle": /^the CA bundle (grows|shrinks)/,
    "the record's output is emptied": /^the record's output is emptied/,
    "the state is that of 0.1.0": /^the state is that of 0\.1\.0/,
    "the record is lost from the state": /^the record is lost/,
    "the stack is destroyed": /^the stack is destroyed/,
};

/** What is found is short, and its report tells it as it happened: a line for each event, what broke, how to see it again. */
function assertStory({ history, promised, report }: Finding): void {
    const { adopted, events } = history;
    assert.ok(events.length <= 5, `${events.length} events are no short story:\n${report}`);
    assert.ok(report.length < 4000, report);
    const told = report.split("\n");
    const seed = told.pop();
    assert.match(seed ?? "", /^Seed \d+, path "[\d:]+", shrunk \d+ times\.$/);
    const broken: string[] = [];
    for (let line = told.at(-1); line?.startsWith("Broken: ") === true; line = told.at(-1)) {
        broken.unshift(told.pop() ?? "");
        assert.match(told.pop() ?? "", /^[A-Z].*\.$/);
    }
    assert.deepEqual(
        [...new Set(broken)],
        promised.map((invariant) => `Broken: ${promises[invariant]}.`),
    );
    const expected = [...(adopted ? [/^an up adopts the cluster/] : []), ...events.map(({ event }) => openings[event])];
    for (const [i, line] of told.entries()) {
        const text = line.replace(`${i + 1}. `, "");
        assert.notEqual(text, line, `line ${i + 1} has another number:\n${report}`);
        // After its events every history becomes quiet.
        assert.match(text, expected[i] ?? /^(the world becomes quiet|an? (last )?up at generation|the user )/);
    }
    assert.ok(told.length >= expected.length, `some events are not told:\n${report}`);
}

describe("a rotator with a fault", () => {
    for (const { fault, brain, breaks, ignored = [], events = [] } of [...mutants, ...azureMutants]) {
        it(`that ${fault} is found out`, function () {
            this.timeout(240_000);
            const { finding } = search(
                { brain: { ...realBrain, ...brain }, ignored: [...IGNORED, ...ignored] },
                { runs: 100_000, seed: 4, unless: realBrain, events },
            );
            assert.ok(finding !== undefined, "no history shows it");
            assert.ok(
                finding.promised.some((invariant) => breaks.includes(invariant)),
                finding.report,
            );
            assertStory(finding);
        });
    }
});
