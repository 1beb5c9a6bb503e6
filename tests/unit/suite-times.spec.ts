import assert from "node:assert/strict";
import { join } from "node:path";
import { SuiteTimes } from "../support/suite-times";

describe("the time of the test suites", () => {
    it("is told of each, by its own length and by that of its tests", () => {
        const times = new SuiteTimes("/project/tests", 5_000);
        const file = (...parts: string[]) => join("/project/tests", ...parts);
        times.add({ file: file("unit", "one.spec.ts"), duration: 20_000 }, 20_000);
        times.add({ file: file("unit", "model", "other.spec.ts"), duration: 40_000 }, 35_400);
        times.add({ file: file("faults", "one.spec.ts"), duration: 200_000 }, 136_000);
        times.add({ file: file("faults", "not-timed.spec.ts") }, 137_000);
        assert.deepEqual(times.lines(), [
            "unit took 30 s: 2 tests of 1 min 0 s in all",
            "faults took 1 min 42 s: 2 tests of 3 min 20 s in all",
        ]);
    });
});
