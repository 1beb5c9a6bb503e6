import assert from "node:assert/strict";
import { LOG_LIMITS } from "../../rotator/bounded-log";
import { Reporter } from "../../rotator/progress";

/** What is reported of one status that lasts so long, looked at every second. */
function lines(status: string, hours: number): string[] {
    const reported: string[] = [];
    const reporter = new Reporter((line) => reported.push(line));
    for (let ms = 0; ms <= hours * 3_600_000; ms += 1000) {
        reporter.report(status, ms, ms);
    }
    return reported;
}

describe("progress of one status", () => {
    it("is reported at once, after five seconds, and at least once a minute in the first ten", () => {
        const reported = lines("The cluster is Updating", 1);
        assert.deepEqual(reported.slice(0, 3), [
            "The cluster is Updating",
            "The cluster is Updating (5 s)",
            "The cluster is Updating (10 s)",
        ]);
        const minutes = reported.map((line) => Number(/\((\d+) m/.exec(line)?.[1] ?? 0));
        for (let minute = 0; minute < 10; minute++) {
            assert.ok(minutes.includes(minute), `minute ${minute}`);
        }
    });

    it("leaves room on standard error for everything else, even in ten hours", () => {
        const size = (hours: number) => Buffer.byteLength(lines(`The cluster is ${"x".repeat(100)}`, hours).join("\n"));
        assert.ok(size(1) < (LOG_LIMITS.total - LOG_LIMITS.error) / 2, `${size(1)} bytes`);
        assert.ok(size(10) < LOG_LIMITS.total - LOG_LIMITS.error - LOG_LIMITS.notes, `${size(10)} bytes`);
    });
});
