import { relative, sep } from "node:path";

interface Times {
    tests: number;
    /** Of all tests, as if one ran after the other. */
    testMs: number;
    /** When the last one was told. */
    endedAt: number;
}

/** How long the suites take that mocha runs in one go, two files at a time and one suite after the other. */
export class SuiteTimes {
    private readonly suites = new Map<string, Times>();

    /**
     * @param folder that has a folder for each suite
     * @param beganAt when mocha began, milliseconds
     */
    constructor(
        private readonly folder: string,
        private readonly beganAt: number,
    ) {}

    /** Counts a test that has ended. */
    add({ file = "", duration = 0 }: { file?: string; duration?: number }, now: number): void {
        const [folder = ""] = relative(this.folder, file).split(sep);
        // The tests of packages/ are beside that folder, and run with the unit tests.
        const suite = folder === ".." ? "unit" : folder;
        const { tests, testMs } = this.suites.get(suite) ?? { tests: 0, testMs: 0 };
        this.suites.set(suite, { tests: tests + 1, testMs: testMs + duration, endedAt: now });
    }

    /**
     * A line for each suite, in the order of their ends. A suite's own time counts from the end of the one before: its
     * first files can have begun a little earlier, beside that one's last.
     */
    lines(): string[] {
        const byEnd = [...this.suites].sort(([, one], [, other]) => one.endedAt - other.endedAt);
        return byEnd.map(([suite, { tests, testMs, endedAt }], i) => {
            const from = byEnd[i - 1]?.[1].endedAt ?? this.beganAt;
            return `${suite} took ${inWords(endedAt - from)}: ${tests} tests of ${inWords(testMs)} in all`;
        });
    }
}

function inWords(ms: number): string {
    const seconds = Math.round(ms / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
