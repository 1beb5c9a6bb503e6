import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { panels, timeline } from "../../bench/chart";
import type { Step } from "../../bench/engine-run";
import { goals } from "../../bench/goals";
import { measureNoOp } from "../../bench/no-op";
import { readOptions } from "../../bench/options";
import { rotationChart, section } from "../../bench/page";
import { full, inTurn, quickly, rotationSeconds } from "../../bench/plan";
import { shownIn } from "../../bench/preview";
import { nothingMeasured, type Results } from "../../bench/results";
import type { RotationRun } from "../../bench/rotation";
import { mostBetween } from "../../bench/sampler";
import { complaint } from "../../bench/script";
import { type Glance, seenIn } from "../../bench/seen";
import { spread } from "../../bench/statistics";
import { isDownstream, isReplaced } from "../../bench/steps";
import { overhead, ratio, rest } from "../../bench/table";
import { sectionOf } from "../support/page-section";

const rotation = (changes: Partial<RotationRun> = {}): RotationRun => ({
    began: 2,
    ended: 22,
    outages: [[3, 21]],
    credentials: 23,
    downstream: 24,
    absent: 0,
    recreated: 0,
    replaced: 0,
    failed: undefined,
    seconds: 25,
    waitingMb: 200,
    processes: 4,
    requests: 10,
    requestsPerMinute: 12,
    again: undefined,
    ...changes,
});

const failed = rotation({ downstream: undefined, failed: "error: a | b", again: "ended well", replaced: 1 });

function results(): Results {
    const start = { ms: spread([100]), mb: spread([60]), modules: 150 };
    const contender = (word: string, missing?: string) => ({
        name: `name of ${word}`,
        word,
        missing,
        open: () => Promise.reject(new Error("not here")),
    });
    const kill = { rotations: 1, steps: ["run it again"], reached: true };
    return {
        contenders: [
            {
                contender: contender("script"),
                measured: {
                    ...nothingMeasured(),
                    silent: [rotation({ downstream: 34 }), rotation({ downstream: 32, seconds: 45 })],
                },
            },
            { contender: contender("by-hand"), measured: { ...nothingMeasured(), silent: [failed, rotation()] } },
            {
                contender: contender("ours"),
                measured: {
                    ...nothingMeasured(),
                    silent: [rotation(), rotation({ downstream: 23 })],
                    kills: [kill, undefined],
                    noOps: [3, 3],
                },
            },
        ],
        plainNoOps: [2, undefined],
        growth: [{ clusters: 2, runs: [{ clusters: 2, seconds: 3, mb: 200, stateKb: 17, requests: 19 }, undefined] }],
        rotator: {
            residentMb: spread([61]),
            bareResidentMb: spread([50]),
            steps: { bare: start, https: start, metadata: start, token: start, tokenCold: start },
        },
        status: { clusters: 100, seconds: spread([2]), peakMb: spread([120]) },
        leftOut: ["a: because"],
        runs: 2,
        made: ["a machine"],
    };
}

describe("bench: options", () => {
    it("are five runs of all, so many runs of all, or the quick one", () => {
        assert.deepEqual(readOptions([]), { quick: false, runs: 5 });
        assert.deepEqual(readOptions(["--runs", "12"]), { quick: false, runs: 12 });
        assert.deepEqual(readOptions(["--quick"]), { quick: true });
        assert.equal(readOptions(["--help"]), undefined);
    });

    it("that are wrong are refused, with what would be right", () => {
        for (const runs of ["0", "-1", "1e3", "0x10", "1.5", "many", ""]) {
            assert.throws(() => readOptions([`--runs=${runs}`]), /whole number, 1 or more/);
        }
        assert.throws(() => readOptions(["--quick", "--runs", "3"]), /leave out --runs, or leave out --quick/);
        assert.throws(
            () => readOptions(["--fast"]),
            /Unknown option '--fast'\. There are --runs N, --quick and --help/,
        );
        assert.throws(() => readOptions(["quick"]), /'quick'.*There are --runs N/);
    });
});

describe("bench: the plan", () => {
    it("lets rotations end evenly between the looks of one who looks at fixed times", () => {
        const lost = [0, 1, 2, 3, 4].map((run) => 30 - (rotationSeconds(30, 1, run, 5) % 30));
        assert.deepEqual(
            lost.sort((a, b) => a - b),
            [3, 9, 15, 21, 27],
        );
        assert.equal(rotationSeconds(5, 2, 0, 1), 12.5);
    });

    it("has rotations of more than a minute and a half too, in which the component looks seldom", () => {
        const seconds = [0, 1, 2, 3, 4].map((run) => full(5).silent?.(run).rotationSeconds ?? 0);
        assert.ok(Math.max(...seconds) > 90 && Math.min(...seconds) < 20, String(seconds));
    });

    it("begins with another contender in each run", () => {
        assert.deepEqual(
            [0, 1, 2, 3].map((run) => inTurn(["a", "b", "c"], run).join("")),
            ["abc", "bca", "cab", "abc"],
        );
        assert.deepEqual(inTurn([], 3), []);
    });

    it("says what the quick one leaves out", () => {
        assert.equal(quickly.silent, undefined);
        assert.match(quickly.leftOut.join("\n"), /no Retry-After[\s\S]*more than one run[\s\S]*growth beyond 5/);
    });
});

describe("bench: what is seen of a workload", () => {
    const glance = (from: number, found?: Glance["found"]): Glance => ({ from, to: from + 0.5, found });
    const there = (mark: string, a: string | undefined = "1", b: string | undefined = "2") => ({ mark, uids: [a, b] });

    it("is reached when a look has found the mark, and not before", () => {
        assert.equal(seenIn([glance(0, there("old")), glance(1, there("new"))], "new").downstream, 1.5);
        assert.equal(seenIn([glance(0, there("old"))], "new").downstream, undefined);
        assert.equal(seenIn([], "new").downstream, undefined);
    });

    it("has each outage from the first look without an answer to the next one with one", () => {
        const glances = [glance(0, there("a")), glance(1), glance(2), glance(3, there("a")), glance(4), glance(5)];
        assert.deepEqual(seenIn(glances, "a").outages, [
            [1, 3.5],
            [4, 5.5],
        ]);
    });

    it("is absent as long as looks show that it is gone, and nobody knows while there is no answer", () => {
        const gone = { mark: undefined, uids: [undefined, "2"] };
        const glances = [
            glance(0, there("a")),
            glance(1, gone),
            glance(2, gone),
            glance(3),
            glance(4, there("b", "9")),
        ];
        const seen = seenIn(glances, "b");
        assert.equal(seen.absent, 1);
        assert.equal(seen.recreated, 1);
        assert.equal(seenIn([glance(0, there("a")), glance(1, gone), glance(2, there("a"))], "a").absent, 1);
    });
});

describe("bench: what an engine did", () => {
    const step = (op: string, type = "kubernetes:core/v1:ConfigMap", changed: string[] = []): Step => ({
        when: "planned",
        op,
        urn: `urn:${op}:${type}:${changed}`,
        type,
        changed,
    });

    it("counts changes that a preview shows with what changes, and what it would replace", () => {
        const steps = [
            step("update", undefined, ["metadata.labels.mark"]),
            step("update", undefined, ["metadata.labels"]),
            step("update", undefined, ["data"]),
            step("create-replacement"),
            step("replace", "command:local:Command"),
            { ...step("update", undefined, ["metadata.labels.other"]), when: "done" as const },
        ];
        assert.deepEqual(shownIn(steps), { exact: 2, replaced: 1 });
        assert.ok(!isDownstream(step("update", "pulumi:providers:kubernetes")));
        assert.ok(["replace", "delete-replaced", "create-replacement"].every((op) => isReplaced(step(op))));
    });

    it("does not take an up that changed something for one that changed nothing", async () => {
        const trial = (ops: string[]) => ({
            namespace: "n",
            rotate: () => Promise.reject(new Error("not here")),
            pid: () => undefined,
            unlock: async () => [],
            again: async () => ({ steps: ops.map((op) => step(op)), seconds: 2 }),
            [Symbol.asyncDispose]: async () => undefined,
        });
        assert.equal(await measureNoOp(trial(["same", "read"])), 2);
        await assert.rejects(measureNoOp(trial(["same", "update"])), /should have changed nothing had: update/);
    });
});

describe("bench: figures", () => {
    it("of overhead count from the server's end of the rotation, and there is none of a run that failed", () => {
        assert.equal(overhead(rotation()), 2);
        assert.equal(overhead(rotation({ downstream: undefined })), undefined);
        assert.equal(overhead(rotation({ failed: "it" })), undefined);
        assert.equal(rest(rotation()), 5);
        assert.equal(rest(failed), undefined);
    });

    it("are compared run by run, and say where one of a pair is missing", () => {
        assert.equal(ratio([1, 2], [4, 4]), "0.38 (0.25 to 0.50)");
        assert.equal(ratio([1, undefined, 3], [2, 2, undefined]), "0.50 (0.50 to 0.50); 1 of 3 runs");
        assert.equal(ratio([undefined], [2]), "–");
        assert.equal(ratio([1], [0]), "–");
    });

    it("of memory are those of the time that is asked for, and none where the system tells none", () => {
        const samples = [1, 2, 3].map((at) => ({ at, processes: at, mb: 10 * at }));
        assert.deepEqual(mostBetween(samples, 1, 2), { processes: 2, mb: 20 });
        assert.equal(mostBetween(samples, 4, 5), undefined);
        assert.equal(mostBetween([], 0, 9), undefined);
    });

    it("are held to the goals, and what was not measured meets none", () => {
        const met = goals(results()).map(({ met }) => met);
        // 2 over 12, and 1 over 10: the median is below a fifth. No preview; 61 MB are more than 60.
        assert.deepEqual(met, [true, undefined, true, true, undefined, true, false]);
    });
});

describe("bench: a script that fails", () => {
    it("is told with its own words, its exit code or the signal", () => {
        assert.equal(complaint("", 0, null), undefined);
        assert.equal(complaint("x\nERROR: (Conflict) no\ny", 1, null), "exit code 1: ERROR: (Conflict) no");
        assert.equal(complaint("sh: 1: az: not found\n", 127, null), "exit code 127: sh: 1: az: not found");
        assert.equal(complaint("", null, "SIGKILL"), "ended by SIGKILL");
    });
});

describe("bench: the page", () => {
    it("has medians, what failed, ratios run by run, and what was left out", () => {
        const page = section(results());
        assert.match(
            page,
            /first downstream request, s \| 11\.0 \(10\.0 to 12\.0\) \| 2\.0 \(2\.0 to 2\.0\); never in 1 of 2 \| 1\.5/,
        );
        assert.match(page, /it failed: error: a \\\| b; run again: ended well \(1 of 2\); well \(1 of 2\)/);
        // 2 over 12, and 1 over 10; then 5 over 5, and 5 over 25.
        assert.match(page, /first downstream request \| 0\.13 \(0\.10 to 0\.17\) \| 0\.50 .*; 1 of 2 runs \| – \|/);
        assert.match(page, /whole run less the rotation itself \| 0\.60 \(0\.20 to 1\.00\)/);
        assert.match(page, /Up that changes nothing \| – \| – \| 1\.50 \(1\.50 to 1\.50\); 1 of 2 runs \|/);
        assert.match(page, /\| rotator, asks for a token \| 100 \(100 to 100\) \| 60\.0 \(60\.0 to 60\.0\) \| 150 \|/);
        assert.match(
            page,
            /rotations in the end \| not measured \| not measured \| 1 \(1 to 1\); not measured in 1 of 2/,
        );
        assert.match(page, /\| 2 \| 3\.0 \(3\.0 to 3\.0\); not measured in 1 of 2 \| 1\.50/);
        assert.match(page, /resident while it waits: at most 60 MB \| 61\.0 .* \| \*\*no\*\* \|/);
        assert.match(page, /## Not measured\n\n- a: because$/);
    });

    it("says so where nothing could be measured", () => {
        const nothing = { ...results(), contenders: [], growth: [], rotator: undefined, status: undefined };
        assert.equal(section(nothing).match(/Not measured\./g)?.length, 2);
        assert.ok(!/NaN|undefined|Infinity/.test(section(nothing)));
    });

    it("is there, with its charts, which the page and the README show", () => {
        const root = join(__dirname, "..", "..");
        const page = sectionOf(readFileSync(join(root, "docs", "performance.md"), "utf8"), "bench");
        for (const chart of ["performance-rotation.svg", "performance-growth.svg"]) {
            assert.ok(page.includes(`(${chart})`) && existsSync(join(root, "docs", chart)), chart);
        }
        assert.match(page, /of ([5-9]|\d\d+) runs/);
        assert.match(readFileSync(join(root, "README.md"), "utf8"), /\(docs\/performance-rotation\.svg\)/);
    });

    it("was made of figures that say what the README says", () => {
        const file = join(__dirname, "..", "..", "docs", "performance.json");
        const { contenders }: Results = JSON.parse(readFileSync(file, "utf8"));
        const figuresOf = (word: string) => {
            const { measured } = contenders.find(({ contender }) => contender.word === word) ?? assert.fail(word);
            const { silent, told, kills, previews } = measured;
            return { rotations: [...silent, ...told], kills, previews };
        };
        for (const word of ["script", "by-hand", "by-hand-identified"]) {
            assert.ok(figuresOf(word).kills.every((kill) => kill && kill.rotations > 1), word);
        }
        const byHand = figuresOf("by-hand");
        assert.ok(byHand.previews.every((shown) => shown?.replaced === 10));
        assert.ok(byHand.rotations.every((run) => run?.failed !== undefined));
        const identified = figuresOf("by-hand-identified");
        assert.ok(identified.previews.every((shown) => shown?.replaced === 0 && shown.exact === 0));
        assert.ok(identified.rotations.every((run) => run && run.failed === undefined));
    });
});

describe("bench: charts", () => {
    it("draw a bar as long as its seconds, and say what is in it", () => {
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

    it("show one run of all, that in which the first contender has its median, and what was not reached", () => {
        const chart = rotationChart(results());
        // Of 12 and 10 s the lower one: the second run.
        assert.match(chart, />\+10\.0 s</);
        assert.match(chart, />\+1\.0 s</);
        assert.ok(!/NaN|undefined/.test(chart));
        const { contenders } = results();
        const [, byHand] = contenders;
        assert.match(rotationChart({ ...results(), contenders: byHand ? [byHand] : [] }), />\+2\.0 s</);
        const lost = { ...nothingMeasured(), told: [failed] };
        const alone = byHand ? [{ ...byHand, measured: lost }] : [];
        assert.match(rotationChart({ ...results(), contenders: alone }), /✗ it fails/);
    });

    it("draw each line of growth from its own zero to its own most", () => {
        const chart = panels("growth", [1, 10], "clusters", [{ title: "time, s", values: [2, 4] }]);
        assert.match(chart, /points="38\.5,136\.0 205\.0,76\.0"/);
    });
});
