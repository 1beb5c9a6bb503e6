import { readFileSync } from "node:fs";

/**
 * Watches the process that started this one, the Pulumi plugin, and the one that started that, the engine. A rotator
 * without them has nobody to give its record to; the next `pulumi up` starts another one, and two must not act at once.
 * A plugin can outlive an engine that was killed, so its own parent counts as well, where the system tells it.
 */
export class Parent {
    private readonly pid = process.ppid;
    private readonly grandparent = parentOf(this.pid);

    /** Whether both are still there. */
    get isAlive(): boolean {
        if (process.ppid !== this.pid || parentOf(this.pid) !== this.grandparent) {
            return false;
        }
        try {
            process.kill(this.pid, 0);
            return true;
        } catch (error) {
            return (error as NodeJS.ErrnoException).code === "EPERM";
        }
    }

    /** Calls back, once, when one is gone; looks twice a second, and keeps no process alive by it. */
    watch(gone: () => void): void {
        const timer = setInterval(() => {
            if (!this.isAlive) {
                clearInterval(timer);
                gone();
            }
        }, 500);
        timer.unref();
    }
}

/** The process that started another; undefined where the system does not tell, as on Windows. */
function parentOf(pid: number): number | undefined {
    try {
        if (process.platform === "linux") {
            // The second field is the program's name, in parentheses, and can hold anything.
            const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
                .replace(/^.*\) /s, "")
                .split(" ");
            return Number(fields[1]);
        }
        if (process.platform === "darwin") {
            const { execFileSync } = require("node:child_process") as typeof import("node:child_process");
            return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
        }
    } catch {
        // It is gone; `process.ppid` tells.
    }
    return undefined;
}
