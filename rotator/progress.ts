/** Tells the person at the terminal what happens: one line on stderr. Standard output is for the result alone. */
export function tell(line: string): void {
    process.stderr.write(`${line}\n`);
}

/** A length of time as people say it: "8 s", "4 m 05 s". */
export function spoken(ms: number): string {
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    return minutes === 0 ? `${seconds} s` : `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Tells a line when it is new, and then again from time to time, more rarely the longer it has been the same. */
export class Reporter {
    private last = "";
    private nextAt = 0;

    constructor(private readonly out: (line: string) => void = tell) {}

    /**
     * @param status what is the case; told at once when it differs from before
     * @param sinceMs for how long, at `nowMs` of any clock
     */
    report(status: string, sinceMs: number, nowMs: number): void {
        if (status !== this.last) {
            this.out(status);
        } else if (nowMs >= this.nextAt) {
            this.out(`${status} (${spoken(sinceMs)})`);
        } else {
            return;
        }
        this.last = status;
        this.nextAt = nowMs + Math.min(Math.max(5_000, sinceMs / 4), 60_000);
    }
}
