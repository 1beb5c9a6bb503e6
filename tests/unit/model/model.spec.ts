import assert from "node:assert/strict";
import { realBrain } from "./brain";
import { search } from "./check";
import { type History, plainUp } from "./history";
import { play } from "./play";

/** The same histories in every run, unless the environment says otherwise: a failure prints the seed it needs. */
const seed = Number(process.env.MODEL_SEED ?? 4);
const runs = Number(process.env.MODEL_RUNS ?? 20_000);

describe("the rotator in a model of its world", () => {
    it(`keeps every promise in ${runs} histories (MODEL_RUNS, MODEL_SEED)`, function () {
        this.timeout(60_000 + runs * 5);
        const { histories, starts, successes, finding } = search({ brain: realBrain }, { runs, seed });
        assert.ok(finding === undefined, `\n${finding?.report}`);
        assert.equal(histories, runs);
        assert.ok(starts > runs && successes > 2 * runs, "the histories hardly rotate anything: they show nothing");
    });

    it("rotates once for each of two raised generations, when nothing goes wrong", () => {
        const quiet: History = { adopted: true, events: [{ ...plainUp, raise: 1 }] };
        // The first by the history, the second by the raise that every history ends with.
        assert.deepEqual(play(quiet, { brain: realBrain }), { starts: 2, successes: 4 });
    });

    it("rotates once when the engine is killed between POST and answer", () => {
        const killed: History = { adopted: true, events: [{ ...plainUp, raise: 1, dies: "between POST and answer" }] };
        assert.equal(play(killed, { brain: realBrain }).starts, 2);
    });
});
