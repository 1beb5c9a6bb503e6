import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { panels, timeline } from "../../bench/chart";
import { cell, each, known, quotients } from "../../bench/figures";
import { goals } from "../../bench/goals";
import { growthChart } from "../../bench/growth-chart";
import { overhead, rest } from "../../bench/measures";
import { section } from "../../bench/page";
import { marked } from "../../bench/programs/ten";
import { nothingMeasured, type Results } from "../../bench/results";
import { fromJson, toJson } from "../../bench/results-file";
import type { RotationRun } from "../../bench/rotation";
import { rotationChart } from "../../bench/rotation-chart";
import { spread } from "../../bench/statistics";
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
    againReplaced: undefined,
    prepared: 0.3,
    ...changes,
});

const failed = rotation({ downstream: 24, failed: "error: a | b", again: "ended well", replaced: 1, againReplaced: 4 });

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
                contender: { ...contender("script"), noEngine: true },
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
                    previews: [
                        { exact: 6, mistaken: 0, replaced: 0, seconds: 2 },
                        { exact: 6, mistaken: 0, replaced: 0, seconds: 2 },
                    ],
                },
            },
        ],
        plainNoOps: [2, undefined],
        growth: [{ clusters: 2, runs: [{ clusters: 2, seconds: 3, mb: 200, stateKb: 17, requests: 19 }, undefined] }],
        rotator: {
            looks: 30,
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

describe("bench: figures", () => {
    it("of overhead count from the server's end of the rotation, and there is none of a run that failed", () => {
        assert.equal(overhead(rotation()), 2);
        assert.equal(overhead(rotation({ downstream: undefined })), undefined);
        assert.equal(overhead(rotation({ failed: "it" })), undefined);
        assert.equal(rest(rotation()), 5);
        assert.equal(rest(failed), undefined);
    });

    it("tell a run that has none from one that was not measured", () => {
        assert.deepEqual(each([rotation(), failed, undefined], overhead), [2, null, undefined]);
        assert.equal(
            cell([2, null, undefined], 1, "never"),
            "2.0 (2.0 to 2.0); never in 1 of 3; not measured in 1 of 3",
        );
        assert.equal(cell([null, null], 1, "never"), "never");
        assert.equal(cell([undefined], 1, "never"), "not measured");
        assert.equal(cell([null, undefined], 1, "never"), "never in 1 of 2; not measured in 1 of 2");
        assert.equal(cell([], 1, "never"), "not measured");
    });

    it("are compared run by run, where both runs have one", () => {
        assert.deepEqual(quotients([1, 2], [4, 4]), [0.25, 0.5]);
        assert.deepEqual(quotients([1, null, 3, 1, 1], [2, 2, undefined, 0, null]), [0.5, null, undefined, null, null]);
    });

    it("come back from their file as they were", () => {
        const back = fromJson(toJson(results()));
        assert.deepEqual(back.plainNoOps, [2, undefined]);
        assert.equal(section(back), section(results()));
        assert.deepEqual(back.rotator?.residentMb.figures, [61]);
    });
});

describe("bench: the goals", () => {
    const withOurs = (changes: object): Results => {
        const all = results();
        return {
            ...all,
            contenders: all.contenders.map(({ contender, measured }) => ({
                contender,
                measured: contender.word === "ours" ? { ...measured, ...changes } : measured,
            })),
        };
    };
    const met = (changes: object) => goals(withOurs(changes)).map((goal) => goal.met);

    it("are met where the figures say so in every run, and not known where a run was not measured", () => {
        // Overheads of 2 over 12, and 1 over 10 s; of the whole run 5 over 5, and 5 over 25 s. None with Retry-After; of two
        // kills one; 61 MB are more than 60.
        assert.deepEqual(met({}), [
            ...[true, undefined, false, undefined],
            ...[true, true, true, undefined, true, true],
            ...[true, false, true, true],
        ]);
        const kills = results().contenders[2]?.measured.kills.slice(0, 1);
        assert.equal(met({ kills })[7], true);
    });

    it("that are not met beside the script say by the figures what they are made of", () => {
        const [, , whole] = goals(results());
        assert.match(
            whole?.because ?? "",
            /^it takes 5\.0 s; a fifth of the script's is 3\.0 s, and an `up` .* that changes nothing takes 2\.0 s$/,
        );
        assert.equal(goals({ ...results(), plainNoOps: [] })[2]?.because, undefined);
        const [late] = goals(withOurs({ silent: [rotation({ downstream: 30 }), rotation({ downstream: 30 })] }));
        assert.match(late?.because ?? "", /^it takes 8\.0 s, .*; the script takes 11\.0 s in all$/);
        assert.ok(goals(results()).every(({ met, because }) => because === undefined || met === false));
        assert.match(section(results()), /\| \*\*no\*\*: it takes 5\.0 s; a fifth/);
    });

    it("of the whole run tell how much longer the official azure-native may take, while there is room", () => {
        const faster = withOurs({ silent: [rotation({ seconds: 22 }), rotation({ seconds: 22 })] });
        // A fifth of 15 s, less 2 s.
        assert.match(section(faster), /would be a fifth of the script's with 1\.0 s more/);
        assert.doesNotMatch(section(results()), /would be a fifth/);
    });

    it("of status are met within 5 s and 150 MB over a hundred clusters, in every run", () => {
        const metBy = (status: Results["status"]) =>
            goals({ ...results(), status })
                .map((goal) => goal.met)
                .slice(-2);
        const of = (seconds: number[], mb: number[], clusters = 100) =>
            metBy({ clusters, seconds: spread(seconds), peakMb: spread(mb) });
        assert.deepEqual(of([5], [150]), [true, true]);
        assert.deepEqual(of([1, 1, 5.1], [150.1, 120, 120]), [false, false]);
        assert.deepEqual(of([1], [100], 20), [undefined, undefined]);
        assert.deepEqual(metBy(undefined), [undefined, undefined]);
    });

    it("are not met where one run breaks them", () => {
        const rotations = (...runs: RotationRun[]) => ({ silent: runs });
        assert.equal(met(rotations(rotation(), failed))[0], false);
        assert.equal(met(rotations(rotation({ downstream: 30 }), rotation({ downstream: 30 })))[0], false);
        assert.equal(met(rotations(rotation({ replaced: 1 }), rotation()))[4], false);
        assert.equal(met(rotations(rotation({ recreated: 1 }), rotation()))[5], false);
        assert.equal(met(rotations(rotation({ absent: 0.1 }), rotation()))[6], false);
        assert.equal(met({ kills: [{ rotations: 2, steps: [], reached: true }, undefined] })[7], false);
        const unreached = withOurs({ kills: [{ rotations: 1, steps: [], reached: false }] });
        assert.deepEqual([goals(unreached)[7]?.met, goals(unreached)[7]?.measured], [false, "not reached"]);
        assert.equal(met({ previews: [{ exact: 5, mistaken: 0, replaced: 0, seconds: 1 }] })[8], false);
        assert.equal(met({ previews: [{ exact: 6, mistaken: 1, replaced: 0, seconds: 1 }] })[9], false);
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
        assert.match(page, /first downstream request \| 0\.13 \(0\.10 to 0\.17\) \| 0\.50 .*; – in 1 of 2 \| – \|/);
        // 5 over 5, and 5 over 25.
        assert.match(page, /whole run less the rotation itself \| 0\.60 \(0\.20 to 1\.00\)/);
        assert.match(page, /Up that changes nothing \| – \| – \| 1\.50 \(1\.50 to 1\.50\); not measured in 1 of 2 \|/);
        assert.match(page, /per minute while it rotates \| 12\.0 \(12\.0 to 12\.0\) \| 12\.0/);
        assert.match(page, /Azure per minute while it rotates \| 1\.00 \(1\.00 to 1\.00\) \| 1\.00/);
        assert.match(page, /No Retry-After: requests to Azure \| 1\.00/);
        assert.match(page, /Up that changes nothing, s \| has none \| not measured \| 3\.0/);
        assert.match(page, /run again where it failed, s \| need not be run again \| 2\.0 .* in 1 of 2 \|/);
        assert.match(page, /when it was run again after a failure \| need not be run again \| 4 \(4 to 4\); /);
        assert.match(page, /\| rotator, asks for a token \| 100 \(100 to 100\) \| 60\.0 \(60\.0 to 60\.0\) \| 150 \|/);
        assert.match(
            page,
            /rotations in the end \| not measured \| not measured \| 1 \(1 to 1\); not measured in 1 of 2/,
        );
        assert.match(
            page,
            /what a person did \| not measured \| .* \| run it again \(1 of 2\); not measured \(1 of 2\)/,
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

    describe("that is published", () => {
        const docs = join(__dirname, "..", "..", "docs");
        const read = (file: string) => readFileSync(join(docs, file), "utf8");

        it("is what its figures make of it, with the charts that it and the README show", () => {
            const found = fromJson(read("performance.json"));
            const page = sectionOf(read("performance.md"), "bench");
            assert.equal(page, section(found).trim());
            assert.ok(found.runs >= 5);
            assert.equal(read("performance-rotation.svg"), rotationChart(found));
            assert.equal(read("performance-growth.svg"), growthChart(found));
            for (const chart of ["performance-rotation.svg", "performance-growth.svg"]) {
                assert.ok(page.includes(`(${chart})`) && existsSync(join(docs, chart)), chart);
            }
            assert.match(read("../README.md"), /\(docs\/performance-rotation\.svg\)/);
        });

        it("has met every goal, but that of the whole run with Retry-After, where it says why", () => {
            const found = goals(fromJson(read("performance.json")));
            const [, , whole, wholeTold] = found;
            for (const goal of found) {
                const excused = goal === wholeTold && goal.met === false && goal.because !== undefined;
                assert.ok(goal.met || excused, `${goal.what}: ${goal.measured}`);
            }
            assert.match(whole?.what ?? "", /^the whole run/);
        });

        it("has figures that say what the page of the rotator's start says", () => {
            const { rotator = assert.fail("not measured") } = fromJson(read("performance.json"));
            const { steps, residentMb, looks } = rotator;
            const ms = ({ median }: { median: number }) => `${median.toFixed(0)} ms`;
            const mb = ({ median }: { median: number }) => `${median.toFixed(1)} MB`;
            const said = read("rotator-start.md").replace(/\s+/g, " ");
            assert.ok(
                said.includes(`: ${ms(steps.token.ms)}, and ${mb(residentMb)} after ${looks} looks at a cluster`),
            );
            assert.ok(
                said.includes(` ${ms(steps.https.ms)} until an HTTPS request, and has ${mb(steps.https.mb)} then`),
            );
        });

        it("has figures that say what the README says", () => {
            const { contenders, runs } = fromJson(read("performance.json"));
            const figuresOf = (word: string) => {
                const { measured } = contenders.find(({ contender }) => contender.word === word) ?? assert.fail(word);
                const { silent, told, kills, previews } = measured;
                assert.deepEqual([silent.length, told.length, kills.length], [runs, runs, runs]);
                return {
                    replaced: each([...silent, ...told], ({ replaced }) => replaced),
                    failed: each([...silent, ...told], (run) => run.failed !== undefined),
                    rotations: each(kills, ({ rotations }) => rotations),
                    exact: each(previews, ({ exact }) => exact),
                    toReplace: each(previews, ({ replaced }) => replaced),
                    mistaken: each(previews, ({ mistaken }) => mistaken),
                };
            };
            const always = <T>(value: T, times = runs) => Array.from({ length: times }, () => value);
            for (const word of ["script", "by-hand", "by-hand-identified"]) {
                assert.deepEqual(figuresOf(word).rotations, always(2), word);
            }
            const script = contenders.find(({ contender }) => contender.word === "script")?.measured.silent ?? [];
            for (const run of script) {
                if (run === undefined) {
                    assert.fail("a run that was not measured");
                }
                const { began, ended } = run;
                // From the end of the rotation to the next look, of which az has one every 30 s.
                const lost = 30 - ((ended - began) % 30);
                assert.ok((overhead(run) ?? 0) > lost, `${overhead(run)} s, of which ${lost} s at least`);
            }
            const byHand = figuresOf("by-hand");
            assert.deepEqual([byHand.toReplace, byHand.failed], [always(10), always(true, 2 * runs)]);
            const identified = figuresOf("by-hand-identified");
            assert.deepEqual([identified.toReplace, identified.exact], [always(0), always(0)]);
            assert.deepEqual(identified.mistaken, always(10 - marked));
            assert.deepEqual(identified.failed, always(false, 2 * runs));
            const ours = figuresOf("ours");
            assert.deepEqual([ours.rotations, ours.exact, ours.mistaken], [always(1), always(marked), always(0)]);
            assert.deepEqual(ours.replaced, always(0, 2 * runs));
            assert.ok(known(ours.failed).every((one) => !one));
        });
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
        assert.deepEqual(widths, [480, 240]);
        assert.match(chart, /aria-label="a &lt; b"/);
        assert.match(chart, /prefers-color-scheme:dark/);
    });

    it("show one run of all, that in which the first contender has its median, and what was not reached", () => {
        const chart = rotationChart(results());
        // Of 12 and 10 s the lower one: the second run.
        assert.match(chart, />\+10\.0 s \(median 11\.0\)</);
        assert.match(chart, />\+1\.0 s \(median 1\.5\)</);
        // From the start of the run: 2 s until Azure begins, of 32 in all, on 480 points.
        assert.match(chart, /<rect x="210\.0" [^>]*width="30\.0" height="20"[^>]*fill="#9aa0a6"/);
        assert.ok(!/NaN|undefined/.test(chart));
        const { contenders } = results();
        const [, byHand] = contenders;
        assert.match(rotationChart({ ...results(), contenders: byHand ? [byHand] : [] }), />\+2\.0 s</);
        const again = { ...nothingMeasured(), told: [failed] };
        const ranAgain = byHand ? [{ ...byHand, measured: again }] : [];
        assert.match(rotationChart({ ...results(), contenders: ranAgain }), />✗ fails; run again: \+2\.0 s</);
        const lost = { ...nothingMeasured(), told: [{ ...failed, downstream: undefined }] };
        const alone = byHand ? [{ ...byHand, measured: lost }] : [];
        assert.match(rotationChart({ ...results(), contenders: alone }), /✗ it fails/);
    });

    it("draw each line of growth from its own zero to its own most", () => {
        const chart = panels("growth", [1, 10], "clusters", [{ title: "time, s", values: [2, 4] }]);
        assert.match(chart, /points="38\.5,136\.0 205\.0,76\.0"/);
    });
});
