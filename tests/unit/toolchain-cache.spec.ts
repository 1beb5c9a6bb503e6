import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { fill, isFilled, type Slot, slotOf } from "../../toolchain/cache";
import { withLock } from "../../toolchain/lock";
import { contents, temporaryFolder } from "./toolchain-fakes";

describe("toolchain: the cache", () => {
    let folder: string;
    let slot: Slot;
    let dispose: () => Promise<void>;

    beforeEach(async () => {
        ({ folder, dispose } = await temporaryFolder());
        slot = slotOf({ name: "etcd", version: "3.6.16" }, path.join(folder, "cache"), { os: "linux", arch: "x64" });
    });
    afterEach(() => dispose());

    /** Makes an executable with that text. */
    const making =
        (text: string) =>
        async ({ executable }: { executable: string }) => {
            await writeFile(executable, text);
            await chmod(executable, 0o755);
        };

    it("has a slot for each tool, version and platform", () => {
        const names = [
            slot,
            slotOf({ name: "etcd", version: "3.6.17" }, folder, { os: "linux", arch: "x64" }),
            slotOf({ name: "etcd", version: "3.6.16" }, folder, { os: "linux", arch: "arm64" }),
            slotOf({ name: "pulumi", version: "3.6.16" }, folder, { os: "win32", arch: "x64" }),
        ].map(({ executable }) => executable.split(path.sep).slice(-3).join("/"));
        assert.deepEqual(names, [
            "etcd-3.6.16-linux-x64/bin/etcd",
            "etcd-3.6.17-linux-x64/bin/etcd",
            "etcd-3.6.16-linux-arm64/bin/etcd",
            "pulumi-3.6.16-win32-x64/bin/pulumi.exe",
        ]);
    });

    it("shows nothing in the slot before all of it is made", async () => {
        await fill(slot, async (target) => {
            await making("made")(target);
            assert.equal(await isFilled(slot), false);
            assert.deepEqual(
                (await contents(path.dirname(slot.folder))).filter((name) => !name.startsWith(".")),
                [],
            );
        });
        assert.equal(await isFilled(slot), true);
        assert.deepEqual(await contents(path.dirname(slot.folder)), [path.basename(slot.folder)]);
    });

    it("holds nothing after making failed half way", async () => {
        const half = async (target: { executable: string }) => {
            await making("half")(target);
            throw new Error("broken off");
        };
        await assert.rejects(fill(slot, half), /broken off/);
        assert.equal(await isFilled(slot), false);
        assert.deepEqual(await contents(path.dirname(slot.folder)), []);
    });

    it("bears two that fill it at once: the first one's stands", async () => {
        await fill(slot, async (target) => {
            await making("slow")(target);
            await fill(slot, making("quick"));
        });
        assert.equal(await readFile(slot.executable, "utf8"), "quick");
        assert.deepEqual(await contents(path.dirname(slot.folder)), [path.basename(slot.folder)]);
    });

    it("is repaired where somebody removed the executable", async () => {
        await fill(slot, making("first"));
        await rm(slot.executable);
        assert.equal(await isFilled(slot), false);
        await fill(slot, making("second"));
        assert.equal(await readFile(slot.executable, "utf8"), "second");
    });

    it("throws away what a killed process left a day ago, and only that", async () => {
        const cache = path.dirname(slot.folder);
        const [old, fresh] = [path.join(cache, ".staging-old"), path.join(cache, ".staging-fresh")];
        await mkdir(old, { recursive: true });
        await mkdir(fresh);
        const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
        await utimes(old, longAgo, longAgo);
        await fill(slot, making("made"));
        assert.deepEqual(await contents(cache), [".staging-fresh", path.basename(slot.folder)]);
    });
});

describe("toolchain: the lock", () => {
    let lock: string;
    let dispose: () => Promise<void>;

    beforeEach(async () => {
        const temporary = await temporaryFolder();
        dispose = temporary.dispose;
        lock = path.join(temporary.folder, "cache", ".lock");
    });
    afterEach(() => dispose());

    const { signal } = new AbortController();

    it("lets one work at a time, and tells the other that it waits", async () => {
        const events: string[] = [];
        let waits: Promise<void> | undefined;
        await withLock(lock, { signal }, async () => {
            await new Promise<void>((seen) => {
                const onWait = () => seen();
                waits = withLock(lock, { signal, interval: 1, onWait }, async () => void events.push("second"));
            });
            events.push("first");
        });
        await waits;
        assert.deepEqual(events, ["first", "second"]);
        assert.deepEqual(await contents(path.dirname(lock)), []);
    });

    it("is free again after work that failed", async () => {
        await assert.rejects(
            withLock(lock, { signal }, () => Promise.reject(new Error("failed"))),
            /failed/,
        );
        assert.equal(await withLock(lock, { signal }, async () => "free"), "free");
    });

    it("is taken from a holder that died", async () => {
        await mkdir(lock, { recursive: true });
        const longAgo = new Date(Date.now() - 60_000);
        await utimes(lock, longAgo, longAgo);
        assert.equal(await withLock(lock, { signal, interval: 1 }, async () => "taken"), "taken");
    });

    it("is touched by its holder now and then, so that nobody takes the holder for dead", async () => {
        await withLock(lock, { signal, staleAfter: 30 }, async () => {
            const longAgo = new Date(Date.now() - 60_000);
            await utimes(lock, longAgo, longAgo);
            while ((await stat(lock)).mtimeMs < Date.now() - 30_000) {
                await setImmediate();
            }
        });
    });

    it("is waited for no longer once interrupted", async () => {
        const controller = new AbortController();
        await withLock(lock, { signal }, async () => {
            const onWait = () => controller.abort();
            await assert.rejects(
                withLock(lock, { signal: controller.signal, onWait }, async () => {}),
                { name: "AbortError" },
            );
        });
    });
});
