import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { attempts } from "../../bench/attempt";
import type { Step } from "../../bench/engine-run";
import { measureNoOp } from "../../bench/no-op";
import { fewestRuns, readOptions } from "../../bench/options";
import { full, inTurn, quickly, rotationSeconds, timeIsUp } from "../../bench/plan";
import { shownIn } from "../../bench/preview";
import { mostBetween } from "../../bench/sampler";
import { complaint } from "../../bench/script-trial";
import { type Glance, seenIn } from "../../bench/seen";
import { isDownstream, isReplaced } from "../../bench/steps";
import { paceMs } from "../../rotator/pace";

describe("bench: options", () => {
    it("have their default in the help", () => {
        const help = readFileSync(join(__dirname, "..", "..", "bench", "main.help.txt"), "utf8");
        assert.match(help, new RegExp(`--runs N .*; default ${fewestRuns},`));
    });

    it("are five runs of all, so many runs of all, or the quick one", () => {
        assert.deepEqual(readOptions([]), { what: "full", runs: 5 });
        assert.deepEqual(readOptions(["--runs", "12"]), { what: "full", runs: 12 });
        assert.deepEqual(readOptions(["--quick"]), { what: "quick" });
        assert.deepEqual(readOptions(["--page"]), { what: "page" });
    });

    it("that are wrong are refused, with what would be right", () => {
        for (const runs of ["0", "-1", "1e3", "0x10", "1.5", "many", ""]) {
            assert.throws(() => readOptions([`--runs=${runs}`]), /whole number, 1 or more/);
        }
        assert.throws(() => readOptions(["--quick", "--runs", "3"]), /go each alone/);
        assert.throws(
            () => readOptions(["--fast"]),
            /Unknown option '--fast'\. There are --runs N, --quick, --page and --help/,
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

    it("has rotations of more than 45 s too, from when on the component looks most seldom", () => {
        const { silent = assert.fail(), told } = full(5);
        for (const pace of [silent, told]) {
            const seconds = [0, 1, 2, 3, 4].map((run) => pace(run).rotationSeconds);
            assert.ok(Math.min(...seconds) < 20, String(seconds));
            assert.equal(seconds.filter((each) => each > 45 && paceMs(each * 1000) === paceMs(Infinity)).length, 2);
        }
    });

    it("begins with another contender in each run", () => {
        assert.deepEqual(
            [0, 1, 2, 3].map((run) => inTurn(["a", "b", "c"], run).join("")),
            ["abc", "bca", "cab", "abc"],
        );
        assert.deepEqual(inTurn([], 3), []);
    });

    it("begins nothing after the deadline of the quick one, and never tires of the full one", () => {
        assert.equal(timeIsUp(quickly, 269), undefined);
        assert.equal(timeIsUp(quickly, 270), "4 m 30 s were over");
        assert.equal(timeIsUp(full(5), 100_000), undefined);
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

    it("counts changes that a preview shows just as they are, those that will not be, and what it would replace", () => {
        const steps = [
            step("update", undefined, ["metadata.labels.mark"]),
            step("update", undefined, ["metadata.labels"]),
            step("update", undefined, ["data"]),
            step("update", undefined, ["metadata.labels.mark", "metadata.namespace"]),
            step("update"),
            step("update", "kubernetes:core/v1:Secret"),
            step("create-replacement", "kubernetes:core/v1:Service"),
            step("same", "kubernetes:core/v1:Namespace"),
            step("create-replacement"),
            step("replace", "command:local:Command"),
            { ...step("update", undefined, ["metadata.labels.other"]), when: "done" as const },
        ];
        assert.deepEqual(shownIn(steps), { exact: 2, mistaken: 2, replaced: 2 });
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

describe("bench: a script that fails", () => {
    it("is told with its own words, its exit code or the signal", () => {
        assert.equal(complaint("", 0, null), undefined);
        assert.equal(complaint("x\nERROR: (Conflict) no\ny", 1, null), "exit code 1: ERROR: (Conflict) no");
        assert.equal(complaint("sh: 1: az: not found\n", 127, null), "exit code 127: sh: 1: az: not found");
        assert.equal(complaint("", null, "SIGKILL"), "ended by SIGKILL");
    });
});

describe("bench: memory", () => {
    it("is that of the time that is asked for, and none where the system tells none", () => {
        const samples = [1, 2, 3].map((at) => ({ at, processes: at, mb: 10 * at }));
        assert.deepEqual(mostBetween(samples, 1, 2), { processes: 2, mb: 20 });
        assert.equal(mostBetween(samples, 4, 5), undefined);
        assert.equal(mostBetween([], 0, 9), undefined);
    });
});

describe("bench: a part that fails", () => {
    it("is left out, with the reason, and the rest goes on", async () => {
        const said: string[] = [];
        const leftOut: string[] = [];
        const attempt = attempts((line) => said.push(line), leftOut);
        assert.equal(await attempt("one", () => Promise.reject(new Error("broken\nat length"))), undefined);
        assert.equal(await attempt("two", () => Promise.reject("no error")), undefined);
        assert.equal(await attempt("three", async () => 3), 3);
        assert.deepEqual(leftOut, ["one: broken", "two: no error"]);
        assert.deepEqual(said, ["one", "Not measured: broken", "two", "Not measured: no error", "three"]);
    });

    it("is not begun when the time is up, and the reason is written", async () => {
        const leftOut: string[] = [];
        const attempt = attempts(
            () => undefined,
            leftOut,
            () => "it is late",
        );
        assert.equal(await attempt("four", () => assert.fail("it was begun")), undefined);
        assert.deepEqual(leftOut, ["four: it is late"]);
    });
});
