import assert from "node:assert/strict";
import {
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    unlinkSync,
    watch,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeFile, looseMode, userKubeconfig } from "../../cli/kubeconfig-file";

describe("a kubeconfig file", () => {
    let folder: string;
    let file: string;

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
        file = join(folder, "config");
        writeFileSync(file, "old\n", { mode: 0o600 });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is the first one of KUBECONFIG, else the one at home", () => {
        assert.equal(userKubeconfig({ HOME: "/h" }), "/h/.kube/config");
        assert.equal(userKubeconfig({ HOME: "/h", KUBECONFIG: "/a:/b" }), "/a");
        assert.equal(userKubeconfig({ HOME: "/h", KUBECONFIG: "" }), "/h/.kube/config");
        assert.equal(userKubeconfig({ HOME: "/h", KUBECONFIG: ":/b" }), "/h/.kube/config");
    });

    it("is loose where others can use it; on Windows, where every file has mode 666, never", () => {
        assert.equal(looseMode(0o100644, "linux"), "644");
        assert.equal(looseMode(0o100600, "linux"), undefined);
        assert.equal(looseMode(0o100666, "win32"), undefined);
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
