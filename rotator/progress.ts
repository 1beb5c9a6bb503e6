/** A length of time as people say it: "8 s", "4 m 05 s". */
export function spoken(ms: number): string {
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    return minutes === 0 ? `${seconds} s` : `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
}

/**
 * Reports a status when it is new, and then again from time to time, more rarely the longer it has been the same: an hour
 * of one status is about forty lines, ten hours are about sixty-five.
 */
export class Reporter {
    private last = "";
    private nextAt = 0;

    /** @param log receives the lines */
    constructor(private readonly log: (line: string) => void) {}

    /**
     * @param status what is the case; reported at once when it differs from before
     * @param sinceMs for how long, at `nowMs` of any clock
     */
    report(status: string, sinceMs: number, nowMs: number): void {
        if (status !== this.last) {
            this.log(status);
        } else if (nowMs >= this.nextAt) {
            this.log(`${status} (${spoken(sinceMs)})`);
        } else {
            return;
        }
        this.last = status;
        this.nextAt = nowMs + Math.min(Math.max(5_000, sinceMs / 4), Math.max(60_000, sinceMs / 10));
    }
}
