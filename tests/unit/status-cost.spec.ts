import assert from "node:assert/strict";
import { measureStatus } from "../../bench/status";

describe("what status costs", function () {
    this.timeout(60_000);

    it("is at most 5 s and 150 MB over a hundred clusters", async () => {
        const { seconds, peakMb } = await measureStatus(100, 1, () => {});
        assert.ok(seconds.max <= 5, `${seconds.max} s`);
        assert.ok(peakMb.max <= 150, `${peakMb.max} MB`);
    });
});
