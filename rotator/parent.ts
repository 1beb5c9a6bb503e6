import { readFileSync } from "node:fs";

/**
 * Watches the process that started this one, the Pulumi plugin, and the one that started that, the engine. A rotator
 * without them has nobody to give its record to; the next `pulumi up` starts another one, and two must not act at once.
 * A plugin can outlive an engine that was killed, so its own parent counts as well, where the system tells it.
 */
export class Parent {
    private readonly pid = process.ppid;
    private readonly grandparent = parentOf(this.pid);

    /**
     * Whether one had ended before this process looked for it first: process 1 has taken its place, which is no plugin, and
     * an engine only in a container that runs nothing else. It looks the same where somebody starts a rotator by hand in
     * such a container, so this is no reason to end what changes nothing.
     */
    get wasGone(): boolean {
        return this.pid === 1 || (this.grandparent === 1 && !isEngine(1));
    }

    /** Whether both are still there, if they were at first. */
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

/** Whether a process is Pulumi's engine, by its name; as good as yes where the system does not tell. */
function isEngine(pid: number): boolean {
    try {
        return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("pulumi");
    } catch {
        return true;
    }
}

/** The process that started another; undefined where the system does not tell, as on Windows. */
export function parentOf(pid: number): number | undefined {
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
