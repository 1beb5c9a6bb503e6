import assert from "node:assert/strict";
import type { OperationError } from "../../azure/azure-errors";
import { initialState } from "../../rotator/attempt-state";
import { StatusReporter } from "../../rotator/status-reporter";

describe("the report of what a run waits for", () => {
    it("knows since when it has been the same matter, whatever its words", () => {
        const status = new StatusReporter(() => {}, 0);
        status.report("busy", "one", 1000);
        status.report("busy", "two", 4000);
        assert.equal(status.waitedMs(5000), 4000);
        assert.equal(status.text, "two");
        status.report("rotation", "three", 6000);
        assert.equal(status.waitedMs(6500), 500);
    });

    it("names want of capacity for a delay only where Azure has", () => {
        const failure = (kind: OperationError["kind"]) => ({
            ...initialState,
            notBefore: 300_000,
            failure: { failed: 1, error: { kind, message: "m", text: "SkuNotAvailable" } },
        });
        const lines: string[] = [];
        const status = new StatusReporter((line) => lines.push(line), 0);
        status.reportDelay(failure("other"), 0);
        status.reportDelay({ ...initialState, failure: { failed: 1 } }, 0);
        assert.deepEqual(lines, []);
        status.reportDelay(failure("capacity"), 0);
        assert.match(lines.join(), /want of capacity \(SkuNotAvailable\); it is started again in 5 min/);
    });
});
