import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    statSync,
    symlinkSync,
    unlinkSync,
    watch,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeFile, looseMode } from "../../cli/kubeconfig-file";
import { readTextFile } from "../../cli/text-file";

describe("a kubeconfig file", () => {
    let folder: string;
    let file: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
        file = join(folder, "config");
        writeFileSync(file, "old\n", { mode: 0o600 });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is loose where others can use it; on Windows, where every file has mode 666, never", () => {
        assert.equal(looseMode(0o100644, "linux"), "644");
        assert.equal(looseMode(0o100600, "linux"), undefined);
        assert.equal(looseMode(0o100666, "win32"), undefined);
    });

    it("is made where a link leads to that is not there yet, and the link stays", async () => {
        mkdirSync(join(folder, "dotfiles"));
        const links = [join(folder, "link"), join(folder, "second")] as const;
        symlinkSync("dotfiles/config", links[0]);
        symlinkSync(links[0], links[1]);
        const { file: written } = await changeFile(links[1], (old) => `${old}new\n`);
        assert.equal(written, join(realpathSync(folder), "dotfiles", "config"));
        assert.equal(readFileSync(join(folder, "dotfiles", "config"), "utf8"), "new\n");
        assert.ok(links.every((link) => lstatSync(link).isSymbolicLink()));
        assert.deepEqual(readdirSync(join(folder, "dotfiles")), ["config"]);
    });

    it("is refused in words where there is a directory, a pipe, a device or a link to nowhere, which stay as they are", async () => {
        const [dangling, loop, fifo] = ["dangling", "loop", "fifo"].map((name) => join(folder, name)) as [
            string,
            string,
            string,
        ];
        symlinkSync("nowhere/config", dangling);
        symlinkSync(loop, loop);
        const cases: [path: string, says: RegExp][] = [
            [folder, /was not changed: it is a directory, not a file$/],
            [dangling, /it is a symbolic link to .*nowhere\/config, but there is no folder .*nowhere$/],
            [loop, /its symbolic links form a loop$/],
            [join(file, "config"), /config is not a folder\.|a folder in its path is a file$/],
        ];
        if (process.platform !== "win32") {
            execFileSync("mkfifo", [fifo]);
            cases.push([fifo, /it is a device or a pipe, not a file$/], ["/dev/null", /it is a device or a pipe/]);
        }
        for (const [path, says] of cases) {
            await assert.rejects(
                changeFile(path, () => "new"),
                says,
            );
        }
        assert.ok(lstatSync(dangling).isSymbolicLink() && lstatSync(fifo).isFIFO());
        assert.equal(existsSync(`${folder}.lock`), false);
        assert.deepEqual(readdirSync(folder).sort(), ["config", "dangling", "fifo", "loop"]);
    });

    it("is refused in words where this user may not read it, or not write into its folder, and stays as it is", async function () {
        if (process.platform === "win32") {
            this.skip();
        }
        const asNobody = async (act: () => Promise<void>) => {
            // Root may do everything: then it is done as another user.
            const isRoot = process.geteuid?.() === 0;
            if (isRoot) {
                process.seteuid?.(65534);
            }
            try {
                await act();
            } finally {
                if (isRoot) {
                    process.seteuid?.(0);
                }
            }
        };
        const change = () => changeFile(file, () => "new");
        const given =
            /config was not changed: no permission \(EACCES: .*config.*\)\. Give a file of your own with --file\.$/;
        chmodSync(file, 0);
        chmodSync(folder, 0o777);
        await asNobody(async () => {
            await assert.rejects(change, given);
            await assert.rejects(readTextFile(file), /^Error: this user has no permission for it \(EACCES\)$/);
        });
        assert.deepEqual(readdirSync(folder), ["config"], "no lock is left");
        chmodSync(file, 0o644);
        chmodSync(folder, 0o555);
        await asNobody(() => assert.rejects(change, given));
        chmodSync(folder, 0o700);
        assert.equal(readFileSync(file, "utf8"), "old\n");
    });

    it("can be UTF-8 with a byte order mark, or UTF-16, and is UTF-8 without one when it has changed, as with kubectl", async () => {
        for (const [encoding, mark] of [
            ["utf8", "\ufeff"],
            ["utf16le", "\ufeff"],
        ] as const) {
            const bytes = Buffer.from(`${mark}clé: 1\r\n`, encoding);
            writeFileSync(file, bytes);
            await changeFile(file, (old) => old);
            assert.deepEqual(readFileSync(file), bytes, "unchanged");
            await changeFile(file, (old) => `${old}new: 2\r\n`);
            assert.deepEqual(readFileSync(file), Buffer.from("clé: 1\r\nnew: 2\r\n"));
        }
    });

    it("is changed on top of what somebody else has written meanwhile, and nobody's change is lost", async () => {
        const seen: string[] = [];
        await changeFile(file, (old) => {
            seen.push(old);
            if (seen.length === 1) {
                writeFileSync(file, `${old}theirs\n`);
            }
            return `${old}ours\n`;
        });
        assert.deepEqual(seen, ["old\n", "old\ntheirs\n"]);
        assert.equal(readFileSync(file, "utf8"), "old\ntheirs\nours\n");
    });

    it("is given up where somebody else changes it all the time", async () => {
        let count = 0;
        const change = changeFile(file, (old) => {
            writeFileSync(file, `${count++}`);
            return `${old}ours`;
        });
        await assert.rejects(change, /config was not changed: another program changes it all the time/);
        assert.equal(readFileSync(file, "utf8"), "2");
        assert.deepEqual(readdirSync(folder), ["config"]);
    });

    it("waits for kubectl's lock, and says whose it is where it stays", async () => {
        const lock = `${file}.lock`;
        writeFileSync(lock, "");
        let changed = false;
        const change = changeFile(file, () => {
            changed = true;
            return "new";
        });
        assert.equal(changed, false);
        unlinkSync(lock);
        await change;
        assert.deepEqual(readdirSync(folder).sort(), ["config", "config.backup"]);
        writeFileSync(lock, "");
        await assert.rejects(
            changeFile(file, () => "newer"),
            /config was not changed: .*config\.lock is there, the lock of a kubectl.*Remove it/,
        );
        assert.ok(existsSync(lock), "it is another's");
    });

    it("is at no moment one that others could read, nor half a file", async () => {
        const seen = new Set<string>();
        const look = () => {
            for (const name of readdirSync(folder)) {
                try {
                    const path = join(folder, name);
                    seen.add((statSync(path).mode & 0o077).toString());
                    if (name === "config") {
                        assert.ok(["old\n", "new\n"].includes(readFileSync(path, "utf8")));
                    }
                } catch (error) {
                    assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
                }
            }
        };
        const watcher = watch(folder, look);
        const before = process.umask(0);
        try {
            await changeFile(file, () => {
                look();
                return "new\n";
            });
        } finally {
            process.umask(before);
            watcher.close();
        }
        look();
        assert.deepEqual([...seen], ["0"]);
    });
});
