import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { retryAfterSeconds } from "../../azure/retry-after";
import { OutageObserver, outageOf } from "../../rotator/outage";
import { paceMs } from "../../rotator/pace";
import { spoken } from "../../rotator/progress";

const samples = (pattern: string) => [...pattern].map((mark, i) => ({ at: i * 1000, answered: mark === "+" }));

import { authority, serverIdentity, startFakeApiServer } from "../support/fake-api-server";

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
    it("is half a second at first, and never more than one and a half", () => {
        assert.deepEqual([0, 10_000, 30_000, 60_000, 3_600_000].map(paceMs), [500, 500, 1000, 1500, 1500]);
    });

    it("leaves half of what AKS allows at once for one cluster: 60 requests, of which one a second comes back", () => {
        let [left, looks, before] = [60, 0, 0];
        // Half an hour; and then another wait begins, for the credentials to follow.
        for (const [from, lasts] of [
            [0, 1_800_000],
            [1_800_000, 60_000],
        ] as const) {
            for (let ms = 0; ms < lasts; ms += paceMs(ms)) {
                left = Math.min(60, left + (from + ms - before) / 1000) - 1;
                before = from + ms;
                looks += 1;
                assert.ok(left >= 30, `${left} left after ${before} ms`);
            }
        }
        assert.ok(looks > 1200);
    });
});

describe("a spoken length of time", () => {
    it("has minutes where there are any", () => {
        assert.deepEqual([400, 8_000, 245_000].map(spoken), ["0 s", "8 s", "4 m 05 s"]);
    });
});

describe("an outage observer", () => {
    it("counts any answer as a sign of life, whoever signed the certificate, and none as an outage", async () => {
        const identity = await serverIdentity(await authority());
        for (const status of [200, 401, 500]) {
            using server = await startFakeApiServer(identity, () => ({ status }));
            const observer = new OutageObserver({ server: server.url });
            assert.equal(observer.answers, undefined);
            observer.start();
            while (observer.answers === undefined) {
                await setImmediate();
            }
            assert.equal(observer.answers, true);
            assert.deepEqual(await observer.stop(), { totalSeconds: 0, longestSeconds: 0 });
            assert.deepEqual(server.requests, [{ path: "/readyz", token: undefined, client: undefined }]);
        }
    });
});
