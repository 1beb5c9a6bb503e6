import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "../support/scene";
import { faults, type Trial } from "../support/trial";
import { type Point, pointNamed } from "./points";

/** A small disk of its own under a folder of the project, which can be full. Needs Linux, and the right to mount. */
class SmallDisk implements Disposable {
    private readonly folder: string;
    private readonly filler: string;

    constructor({ project }: Scene, name: string) {
        this.folder = join(project.directory, name);
        this.filler = join(this.folder, "filler");
        const copy = `${this.folder}.copy`;
        cpSync(this.folder, copy, { recursive: true });
        mkdirSync(this.folder, { recursive: true });
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,nr_inodes=300", "tmpfs", this.folder]);
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

const canMount = process.platform === "linux" && process.getuid?.() === 0;

if (!canMount) {
    // Without a body it is told as pending.
    it("A full disk: not run, since it needs Linux, and root to mount a small disk");
} else {
    faults("A full disk", { rotationSeconds: 1 }, (fault) => {
        fault("the temporary files'", "before the up", {}, async (trial) => {
            using disk = new SmallDisk(trial.scene, "tmp");
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
    using disk = new SmallDisk(scene, "state");
    const before = scene.rotations;
    if (point === undefined) {
        disk.fill();
        await trial.fails();
    } else {
        const held = point.prepare(scene);
        const { failed } = await trial.begins();
        trial.follow((await held.reached("engine")).all);
        disk.fill();
        held.release();
        await failed;
    }
    await scene.control.waitUntilIdle(scene.ref);
    assert.equal(scene.rotations - before, point?.begun ? 1 : 0, "nothing is rotated without an intent that is saved");
    const saw = trial.read(/[^\n]*no space left on device/);
    disk.empty();
    await scene.project.stack.cancel().catch(() => undefined);
    await trial.succeeds();
    return saw;
}
