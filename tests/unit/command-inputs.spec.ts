import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentSets } from "../support/argument-sets";
import { commandInputs } from "../support/component-mocks";

const file = join(__dirname, "..", "fixtures", "state-0.1.0", "command-inputs.json");
const recorded: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));

describe("the Commands' inputs", () => {
    it("are recorded for each set of arguments", () => {
        assert.deepEqual(Object.keys(recorded), Object.keys(argumentSets));
    });

    for (const [name, [args, run]] of Object.entries(argumentSets)) {
        it(`are those of 0.1.0: ${name}`, async () => {
            assert.deepEqual(await commandInputs(args, run), recorded[name]);
        });
    }
});
