import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    copyFileSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Scene } from "../support/scene";
import { asked, notAsked, type Told } from "../support/told";
import { faults, type Trial } from "../support/trial";
import { type Point, pointNamed } from "./points";

/** A small disk of its own in place of a folder, which can be full. Needs Linux, and the right to mount. */
class SmallDisk implements Disposable {
    private readonly folder: string;
    private readonly filler: string;

    constructor(folder: string) {
        this.folder = folder;
        this.filler = join(this.folder, "filler");
        const copy = `${this.folder}.copy`;
        mkdirSync(this.folder, { recursive: true, mode: 0o700 });
        cpSync(this.folder, copy, { recursive: true });
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,nr_inodes=300,mode=700", "tmpfs", this.folder]);
        cpSync(copy, this.folder, { recursive: true });
        rmSync(copy, { recursive: true });
    }

    /** Takes all that is left: no file can be made any more, not even the one that replaces another. */
    fill(): void {
        mkdirSync(this.filler);
        try {
            for (let i = 0; ; i++) {
                writeFileSync(join(this.filler, String(i)), "");
            }
        } catch (error) {
            assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
        }
    }

    empty(): void {
        rmSync(this.filler, { recursive: true, force: true });
    }

    [Symbol.dispose](): void {
        const copy = `${this.folder}.copy`;
        this.empty();
        cpSync(this.folder, copy, { recursive: true });
        execFileSync("umount", [this.folder]);
        cpSync(copy, this.folder, { recursive: true });
        rmSync(copy, { recursive: true });
    }
}

/** Why no small disk can be had here; undefined where one can. */
function obstacle(): string | undefined {
    if (process.platform !== "linux") {
        return "it needs Linux";
    }
    const folder = mkdtempSync(join(tmpdir(), "small-disk-"));
    try {
        // Root alone is not enough: in a container it may lack the right.
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], {
            stdio: ["ignore", "ignore", "pipe"],
        });
        execFileSync("umount", [folder]);
        return undefined;
    } catch (error) {
        const { message } = error as Error;
        return `a small disk cannot be mounted: ${/^mount: .*$/m.exec(message)?.[0] ?? message}`;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const reason = obstacle();

if (reason !== undefined) {
    // Without a body it is told as pending.
    it(`A full disk: not run, since ${reason}`);
} else {
    faults("A full disk", { rotationSeconds: 1 }, (fault) => {
        // Shows that nobody needs one: where there is room none is written either.
        fault("the temporary files'", "before the up", {}, async (trial) => {
            using disk = new SmallDisk(join(trial.scene.project.directory, "tmp"));
            disk.fill();
            await trial.succeeds();
            return "";
        });
        fault("that of Pulumi's own files", "before the up", {}, async (trial) => {
            using home = ownHome(trial);
            home.disk.fill();
            await trial.succeeds();
            assert.deepEqual(readdirSync(home.folder), ["filler"], "nothing could be written");
            home.disk.empty();
            await trial.scene.preview();
            assert.notDeepEqual(readdirSync(home.folder), [], "something is written where there is room");
            return "";
        });
        fault("that of what Node.js has compiled of the rotator", "before the up", {}, async (trial) => {
            using rotator = ownRotator(trial);
            rotator.disk.fill();
            await trial.succeeds();
            assert.deepEqual(rotator.runs(), ["snapshot", "rotate"], "what was run of this copy");
            assert.deepEqual(readdirSync(rotator.compiled), ["filler"], "nothing could be kept");
            rotator.disk.empty();
            rotator.run("--help");
            assert.notDeepEqual(readdirSync(rotator.compiled), [], "something is kept where there is room");
            return "";
        });
        fault("every one of them, and the state's", "before the up", {}, async (trial) => {
            using tmp = new SmallDisk(join(trial.scene.project.directory, "tmp"));
            using home = ownHome(trial);
            using rotator = ownRotator(trial);
            for (const disk of [tmp, home.disk, rotator.disk]) {
                disk.fill();
            }
            const saw = await full(trial, undefined);
            assert.deepEqual(rotator.runs(), ["snapshot", "rotate"], "once there was room for the state");
            return saw;
        });
        fault("the state's", "before the up", {}, (trial) => full(trial, undefined));
        for (const [name, outcome] of [
            ["before the intent is saved", "rotated"],
            ["while Azure rotates", "found rotated"],
            ["after Succeeded, before the check", "found rotated"],
        ] as const) {
            fault("the state's", name, { outcome, slow: true }, (trial) => full(trial, pointNamed(name)));
        }
    });
}

/** A folder of its own for what Pulumi keeps in its home, on a small disk. */
function ownHome({ scene }: Trial): Disposable & { folder: string; disk: SmallDisk } {
    const folder = join(scene.project.directory, "home");
    const disk = new SmallDisk(folder);
    const restore = setVariable(scene, "PULUMI_HOME", folder);
    return {
        folder,
        disk,
        [Symbol.dispose]() {
            restore();
            disk[Symbol.dispose]();
        },
    };
}

/**
 * A copy of the rotator, which keeps what Node.js has compiled of it on a small disk of its own: that of dist is used by
 * every other test, and has all in it already. What a stack calls its program stays the same; a `node` on the PATH, which
 * writes down what it runs, puts the copy in its place.
 */
function ownRotator({ scene }: Trial) {
    const folder = join(scene.project.directory, "own-rotator");
    const [compiled, runs] = [join(folder, "compiled"), join(folder, "runs")];
    mkdirSync(folder);
    for (const file of ["rotator.js", "rotator.bundle.js"]) {
        copyFileSync(join(__dirname, "..", "..", "dist", file), join(folder, file));
    }
    writeFileSync(runs, "");
    const script = [
        "#!/bin/sh",
        'for last in "$@"; do :; done',
        'case "$*" in',
        `*aks-certificate-rotation/rotator*) echo "$last" >> ${runs}; exec ${process.execPath} ${folder}/rotator.js "$last" ;;`,
        `*) exec ${process.execPath} "$@" ;;`,
        "esac",
    ];
    writeFileSync(join(folder, "node"), script.join("\n"), { mode: 0o755 });
    const disk = new SmallDisk(compiled);
    const restore = setVariable(scene, "PATH", `${folder}${delimiter}${process.env.PATH}`);
    return {
        disk,
        compiled,
        /** The commands of it that were run. */
        runs: () => readFileSync(runs, "utf8").split("\n").filter(Boolean),
        run: (argument: string) => execFileSync(process.execPath, [join(folder, "rotator.js"), argument]),
        [Symbol.dispose]() {
            restore();
            disk[Symbol.dispose]();
            rmSync(folder, { recursive: true });
        },
    };
}

/** Sets a variable of the next runs of an engine; what comes back takes it away again. */
function setVariable({ project }: Scene, name: string, value: string): () => void {
    const { envVars } = project.stack.workspace;
    envVars[name] = value;
    return () => {
        delete envVars[name];
    };
}

async function full(trial: Trial, point: Point | undefined): Promise<string> {
    const { scene } = trial;
    using disk = new SmallDisk(join(scene.project.directory, "state"));
    const before = scene.rotations;
    const noSpace = /[^\n]*no space left on device/;
    const told: Told = {
        // Pulumi's own words: it is Pulumi that cannot save.
        happened: point === undefined ? { earlier: noSpace } : noSpace,
        cluster: point?.begun
            ? { earlier: /Azure has accepted the rotation[^\n]*\. It goes on by itself/ }
            : { untold: "Pulumi stops before the rotator is asked to do anything" },
        todo: point?.begun
            ? { earlier: /the next pulumi up picks it up and does not rotate a second time/ }
            : { untold: "Pulumi names the file that it cannot write, and no more" },
        // What it has begun is pending: the last that it could save.
        state: { ...(point?.asked ? asked : notAsked), pending: point === undefined ? 0 : 1 },
    };
    let saw: string;
    if (point === undefined) {
        disk.fill();
        saw = await trial.fails(told);
    } else {
        const held = point.prepare(scene);
        const begun = await trial.begins();
        trial.follow((await held.reached("engine")).all);
        disk.fill();
        held.release();
        saw = await begun.fails(told);
    }
    await scene.control.waitUntilIdle(scene.ref);
    assert.equal(scene.rotations - before, point?.begun ? 1 : 0, "nothing is rotated without an intent that is saved");
    disk.empty();
    await scene.project.stack.cancel().catch(() => undefined);
    await trial.succeeds();
    return saw;
}
