/** What happened in a history, told as one numbered line for each of its events. */
export class Story {
    private readonly events: { text: string; happenings: string[] }[] = [];

    /** Begins the next line. */
    event(text: string): void {
        this.events.push({ text, happenings: [] });
    }

    /** Adds to the present line what came of its event. */
    tell(text: string): void {
        const last = this.events.at(-1);
        if (last === undefined) {
            this.event(text);
        } else {
            last.happenings.push(text);
        }
    }

    /** One line for each event: `1. up at generation 2: intent saved (CA 0); POST accepted`. */
    toString(): string {
        return this.events
            .map(
                ({ text, happenings }, i) =>
                    `${i + 1}. ${text}${happenings.length === 0 ? "" : `: ${together(happenings).join("; ")}`}`,
            )
            .join("\n");
    }
}

/** The same thing, or the same two in turn, told many times in a row is told once, with how many times. */
function together(happenings: string[]): string[] {
    const told: string[] = [];
    for (let i = 0; i < happenings.length; ) {
        const [length, times] =
            timesOf(happenings, i, 1) > 1 ? [1, timesOf(happenings, i, 1)] : [2, timesOf(happenings, i, 2)];
        if (times === 1) {
            told.push(happenings[i] ?? "");
            i++;
        } else {
            told.push(`${happenings.slice(i, i + length).join("; ")} (${times} times)`);
            i += length * times;
        }
    }
    return told;
}

/** How many times what is told from one place on comes in a row. */
function timesOf(happenings: string[], from: number, length: number): number {
    let end = from + length;
    while (end < happenings.length && happenings[end] === happenings[end - length]) {
        end++;
    }
    return Math.floor((end - from) / length);
}
