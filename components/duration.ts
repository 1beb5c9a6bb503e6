/** A year: more is a slip of the pen, and in the end no exact number of seconds. */
const MAX_HOURS = 8760;

const units = { h: 3600, m: 60, s: 1 } as const;

/**
 * Reads a length of time as Pulumi writes it in custom timeouts: hours, minutes and seconds, such as "90m", "1h30m"
 * or "45s".
 *
 * @param what the argument, for the error
 * @returns whole seconds, above 0, at most those of a year
 * @throws Error when the text is no such length of time
 */
export function durationSeconds(text: unknown, what: string): number {
    const match = typeof text === "string" ? /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) : null;
    const [, hours = 0, minutes = 0, seconds = 0] = match ?? [];
    const total = Number(hours) * units.h + Number(minutes) * units.m + Number(seconds) * units.s;
    if (match === null || total === 0) {
        throw new Error(`${what} is ${JSON.stringify(text)}, but must be a duration such as "60m", "1h30m" or "45s".`);
    }
    if (total > MAX_HOURS * units.h) {
        throw new Error(`${what} is ${JSON.stringify(text)}, but must be at most "${MAX_HOURS}h".`);
    }
    return total;
}
