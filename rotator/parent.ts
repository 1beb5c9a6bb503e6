/**
 * Watches the process that started this one. A rotator whose Pulumi plugin is gone has nobody to give its record to;
 * the next `pulumi up` starts another one, and two must not act at once.
 */
export class Parent {
    private readonly pid = process.ppid;

    /** Whether the parent is still there. */
    get isAlive(): boolean {
        if (process.ppid !== this.pid) {
            return false;
        }
        try {
            process.kill(this.pid, 0);
            return true;
        } catch (error) {
            return (error as NodeJS.ErrnoException).code === "EPERM";
        }
    }

    /** Calls back, once, when the parent is gone; looks twice a second, and keeps no process alive by it. */
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
