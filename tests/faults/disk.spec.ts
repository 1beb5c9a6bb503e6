import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Where the rotator's launcher keeps it: toolchain/launcher.mjs. */
const compiled = join(__dirname, "..", "..", "dist", "compiled");

const canMount = process.platform === "linux" && process.getuid?.() === 0;

if (!canMount) {
    // Without a body it is told as pending.
    it("A full disk: not run, since it needs Linux, and root to mount a small disk");
} else {
    faults("A full disk", { rotationSeconds: 1 }, (fault) => {
        fault("the temporary files'", "before the up", {}, async (trial) => {
            using disk = new SmallDisk(join(trial.scene.project.directory, "tmp"));
            disk.fill();
            await trial.succeeds();
            return "";
        });
        fault("that of what Node.js has compiled of the rotator", "before the up", {}, async (trial) => {
            using disk = new SmallDisk(compiled);
            disk.fill();
            await trial.succeeds();
            return "";
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
