import assert from "node:assert/strict";
import { retryAfterSeconds } from "../../azure/retry-after";
import { outageOf } from "../../rotator/outage";
import { paceMs } from "../../rotator/pace";
import { spoken } from "../../rotator/progress";

const samples = (pattern: string) => [...pattern].map((mark, i) => ({ at: i * 1000, answered: mark === "+" }));

describe("an outage", () => {
    const cases: [pattern: string, total: number, longest: number][] = [
        ["", 0, 0],
        ["+++", 0, 0],
        ["+--+", 2, 2],
        ["+-+---+", 4, 3],
        ["+--", 1, 1],
        ["--+", 2, 2],
    ];
    for (const [pattern, totalSeconds, longestSeconds] of cases) {
        it(`of "${pattern}" is ${totalSeconds} s, at longest ${longestSeconds} s`, () => {
            assert.deepEqual(outageOf(samples(pattern)), { totalSeconds, longestSeconds });
        });
    }
});

describe("Retry-After", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");

    it("is seconds or a date", () => {
        assert.equal(retryAfterSeconds("7", now), 7);
        assert.equal(retryAfterSeconds("Thu, 01 Jan 2026 00:00:09 GMT", now), 9);
        assert.equal(retryAfterSeconds("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
    });

    it("asks for nothing where it is absent or cannot be read", () => {
        assert.equal(retryAfterSeconds(undefined, now), undefined);
        assert.equal(retryAfterSeconds("soon", now), undefined);
    });
});

describe("the pace of looking", () => {
    it("is half a second at first, and never more than three", () => {
        assert.deepEqual([0, 10_000, 60_000, 3_600_000].map(paceMs), [500, 500, 2000, 3000]);
    });

    it("stays within what AKS allows for one cluster: 60 requests, and one more each second", () => {
        let looks = 0;
        for (let ms = 0; ms < 1_800_000; ms += paceMs(ms)) {
            looks += 1;
            assert.ok(looks <= 60 + ms / 1000, `${looks} looks in ${ms} ms`);
        }
        assert.ok(looks > 600);
    });
});

describe("a spoken length of time", () => {
    it("has minutes where there are any", () => {
        assert.deepEqual([400, 8_000, 245_000].map(spoken), ["0 s", "8 s", "4 m 05 s"]);
    });
});
