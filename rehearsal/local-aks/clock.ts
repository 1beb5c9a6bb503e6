/** The clock of Azure and of its clusters. Waits, and the request log, go by the machine's. */
export class Clock {
    /** How far it is ahead of the machine's, seconds; negative: behind. */
    skewSeconds = 0;

    /** Milliseconds since 1970. */
    now(): number {
        return Date.now() + this.skewSeconds * 1000;
    }

    date(): Date {
        return new Date(this.now());
    }
}
