/**
 * How long a `Retry-After` header asks to wait, in seconds; undefined where it asks for nothing, or cannot be read. A
 * date counts from `now`: the time when the answer was sent, by the clock of its server, milliseconds since
 * 1970. Both forms of RFC 9110: seconds, and a date.
 */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
    if (header === undefined) {
        return undefined;
    }
    const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
    return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
