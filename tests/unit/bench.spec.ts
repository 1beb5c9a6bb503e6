import assert from "node:assert/strict";
import { panels, timeline } from "../../bench/chart";
import { section } from "../../bench/page";
import { nothingMeasured, type Results } from "../../bench/results";
import { type RotationRun, rotationSeconds } from "../../bench/rotation";
import { spread } from "../../bench/statistics";
import { overhead } from "../../bench/table";

const rotation = (changes: Partial<RotationRun> = {}): RotationRun => ({
    began: 2,
    ended: 22,
    outage: [3, 21],
    credentials: 23,
    downstream: 24,
    absent: 0,
    recreated: 0,
    replaced: 0,
    seconds: 25,
    waitingMb: 200,
    processes: 4,
    requests: 10,
    requestsPerMinute: 12,
    again: undefined,
    ...changes,
});

function results(): Results {
    const start = { ms: spread([100]), mb: spread([60]), modules: 150 };
    const contender = (word: string, missing?: string) => ({
        name: `name of ${word}`,
        word,
        missing,
        open: () => Promise.reject(new Error("not here")),
    });
    const failed = rotation({ downstream: undefined, failed: "error: a | b", again: "ended well" });
    return {
        contenders: [
            {
                contender: contender("script"),
                measured: {
                    ...nothingMeasured(),
                    silent: [rotation({ downstream: 34 }), rotation({ downstream: 32 })],
                },
            },
            { contender: contender("by-hand"), measured: { ...nothingMeasured(), silent: [failed, rotation()] } },
            {
                contender: contender("ours"),
                measured: { ...nothingMeasured(), silent: [rotation(), rotation({ downstream: 23 })] },
            },
        ],
        growth: [[{ clusters: 1, seconds: 3, mb: 200, stateKb: 17, requests: 19 }]],
        noOp: undefined,
        rotator: {
            residentMb: spread([60]),
            bareResidentMb: spread([50]),
            steps: { bare: start, https: start, metadata: start, token: start, tokenCold: start },
        },
        status: { clusters: 100, seconds: spread([2]), peakMb: spread([120]) },
        leftOut: ["a: because"],
        runs: 2,
        made: ["a machine"],
    };
}

describe("bench", () => {
    it("counts the overhead from the server's end of the rotation, and none where downstream was not reached", () => {
        assert.equal(overhead(rotation()), 2);
        assert.equal(overhead(rotation({ downstream: undefined })), undefined);
    });

    it("lets rotations end evenly between the looks of one who looks at fixed times", () => {
        const lost = [0, 1, 2, 3, 4].map((run) => 30 - (rotationSeconds(30, 1, run, 5) % 30));
        assert.deepEqual(
            lost.sort((a, b) => a - b),
            [3, 9, 15, 21, 27],
        );
        assert.equal(rotationSeconds(5, 2, 0, 1), 12.5);
    });

    it("writes a page with medians, what failed, ratios run by run, and what was left out", () => {
        const page = section(results());
        assert.match(
            page,
            /first downstream request, s \| 11\.0 \(10\.0 to 12\.0\) \| 2\.0 \(2\.0 to 2\.0\); never in 1 of 2 \| 1\.5/,
        );
        assert.match(page, /it failed: error: a \\\| b; run again: ended well \(1 of 2\); it ended well \(1 of 2\)/);
        // 2 over 12, and 1 over 10; 5 over 5, since all took 25 s, of which the rotation itself 20.
        assert.match(page, /\| name of script \| no \| 0\.13 \(0\.10 to 0\.17\) \| 1\.00 \(1\.00 to 1\.00\) \|/);
        assert.match(page, /\| name of script \| yes \| – \| – \|/);
        assert.match(page, /\| rotator, asks for a token \| 100 \(100 to 100\) \| 60\.0 \(60\.0 to 60\.0\) \| 150 \|/);
        assert.match(page, /Killed in mid rotation: rotations in the end \| not measured \| not measured/);
        assert.match(page, /## Not measured\n\n- a: because$/);
    });

    it("draws a bar as long as its seconds, and says what is in it", () => {
        const chart = timeline("a < b", [
            { title: "one", note: "+1 s", bars: [{ from: 0, to: 10, kind: "rotation" }] },
            { title: "two", note: "+2 s", bars: [{ from: 0, to: 5, kind: "rotation" }] },
        ]);
        const widths = [...chart.matchAll(/<rect [^>]*width="([\d.]+)" height="20"/g)].map(([, width]) =>
            Number(width),
        );
        assert.deepEqual(widths, [530, 265]);
        assert.match(chart, /aria-label="a &lt; b"/);
        assert.match(chart, /prefers-color-scheme:dark/);
    });

    it("draws each line of growth from its own zero to its own most", () => {
        const chart = panels("growth", [1, 10], "clusters", [{ title: "time, s", values: [2, 4] }]);
        assert.match(chart, /points="38\.5,136\.0 205\.0,76\.0"/);
    });
});
