/** A duration for a person to read: `850 ms` is `1 s`, 130,000 ms is `2 m 10 s`. */
export function inWords(milliseconds: number): string {
    const seconds = Math.round(milliseconds / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
