import assert from "node:assert/strict";
import { choosePair } from "../../toolchain/control-plane-pair";
import { firstThatWorks, NotThere, type Way } from "../../toolchain/first-that-works";
import { Interrupted, interruptible } from "../../toolchain/interrupts";
import type { Source } from "../../toolchain/tool";

const ORDER: Source[] = ["KUBEBUILDER_ASSETS", "PATH", "cache", "download", "go build"];
const { signal } = new AbortController();

/** Ways of which the named ones work; writes down which were tried. */
function ways(working: readonly Source[], tried: Source[] = []): Way[] {
    return ORDER.map((source) => ({
        source,
        what: source,
        get: async () => {
            tried.push(source);
            if (!working.includes(source)) {
                throw new Error(`${source} is broken.`);
            }
            return { name: "etcd", version: "3.6.16", path: `/from/${source}`, source };
        },
    }));
}

describe("toolchain: the first way that works", () => {
    it("is used for every set of ways that work, and no later one is tried", async () => {
        for (let set = 0; set < 2 ** ORDER.length; set++) {
            const working = ORDER.filter((_, index) => set & (1 << index));
            const tried: Source[] = [];
            const { tool, refusals } = await firstThatWorks(ways(working, tried), signal);
            const expected = working[0];
            const before = expected === undefined ? ORDER : ORDER.slice(0, ORDER.indexOf(expected));
            assert.equal(tool?.source, expected);
            assert.deepEqual(
                refusals.map(({ source }) => source),
                before,
            );
            assert.deepEqual(tried, expected === undefined ? before : [...before, expected]);
        }
    });

    it("tells each refusal as it happens, with the way that comes next", async () => {
        const told: string[] = [];
        await firstThatWorks(ways(["go build"]).slice(3), signal, ({ why }, next) =>
            told.push(`${why} → ${next?.source}`),
        );
        await firstThatWorks(ways([]).slice(4), signal, ({ why }, next) => told.push(`${why} → ${next?.source}`));
        assert.deepEqual(told, ["download is broken → go build", "go build is broken → undefined"]);
    });

    it("knows what is absent from what is broken", async () => {
        const absent: Way = {
            source: "PATH",
            what: "PATH",
            get: () => Promise.reject(new NotThere("no etcd on it")),
        };
        const { refusals } = await firstThatWorks([absent, ...ways([]).slice(4)], signal);
        assert.deepEqual(
            refusals.map((refusal) => refusal.absent),
            [true, false],
        );
    });

    it("tries nothing further once interrupted", async () => {
        const controller = new AbortController();
        const tried: Source[] = [];
        const stopping: Way = {
            source: "PATH",
            what: "PATH",
            get: async () => {
                controller.abort(new Interrupted("SIGTERM"));
                throw new Error("ended");
            },
        };
        await assert.rejects(firstThatWorks([stopping, ...ways(ORDER, tried)], controller.signal), Interrupted);
        assert.deepEqual(tried, []);
    });
});

describe("toolchain: interrupts", () => {
    it("abort the work, which may tidy up, and reject with the signal's name", async () => {
        const before = process.listenerCount("SIGHUP");
        let tidied = false;
        const done = interruptible(async (aborted) => {
            await new Promise((resolve) => aborted.addEventListener("abort", resolve));
            tidied = true;
            throw new Error("the work ended early");
        });
        process.emit("SIGHUP", "SIGHUP");
        await assert.rejects(done, new Interrupted("SIGHUP"));
        assert.equal(tidied, true);
        assert.equal(process.listenerCount("SIGHUP"), before);
    });

    it("leave an error of the work as it is, and no listener behind", async () => {
        const before = process.listenerCount("SIGINT");
        await assert.rejects(
            interruptible(() => Promise.reject(new Error("as it is"))),
            { message: "as it is" },
        );
        assert.equal(process.listenerCount("SIGINT"), before);
    });
});

describe("toolchain: kube-apiserver and kube-controller-manager", () => {
    const cases: [string | undefined, string | undefined, "installed" | "pinned", "installed" | "pinned", string][] = [
        [undefined, undefined, "pinned", "pinned", "nothing installed"],
        ["1.36.0", undefined, "installed", "pinned", "same minor release as the pinned one"],
        ["1.37.1", undefined, "installed", "pinned", "the pinned one is one minor release older"],
        ["1.38.0", undefined, "pinned", "pinned", "the pinned one is two minor releases older"],
        ["1.35.2", undefined, "pinned", "pinned", "the pinned one is newer"],
        [undefined, "1.36.9", "pinned", "installed", "same minor release"],
        [undefined, "1.35.0", "pinned", "installed", "one minor release older"],
        [undefined, "1.34.0", "pinned", "pinned", "two minor releases older"],
        [undefined, "1.37.0", "pinned", "pinned", "newer than the pinned API server"],
        ["1.31.4", "1.31.0", "installed", "installed", "an old pair"],
        ["1.31.4", "1.30.9", "installed", "installed", "an old pair, one apart"],
        ["1.31.4", "1.33.0", "pinned", "pinned", "fit neither each other nor the pinned ones"],
        ["1.36.1", "1.33.0", "installed", "pinned", "the API server fits the pinned one"],
        ["1.31.4", "1.35.0", "pinned", "installed", "the controller manager fits the pinned one"],
    ];
    for (const [apiServer, controllerManager, server, manager, what] of cases) {
        it(`${apiServer ?? "none"} and ${controllerManager ?? "none"}: ${server} and ${manager} (${what})`, () => {
            assert.deepEqual(choosePair({ apiServer, controllerManager }, "1.36.3"), {
                apiServer: server,
                controllerManager: manager,
            });
        });
    }
});
