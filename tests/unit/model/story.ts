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

/** The same thing told many times in a row is told once, with how many times. */
function together(happenings: string[]): string[] {
    const told: { text: string; times: number }[] = [];
    for (const text of happenings) {
        const last = told.at(-1);
        if (last?.text === text) {
            last.times++;
        } else {
            told.push({ text, times: 1 });
        }
    }
    return told.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}
