import { type Promised, promises } from "./promises";

/** One invariant that a history violates. */
export interface Violation {
    invariant: Promised;
    /** What happened; a sentence. */
    what: string;
}

/** A history that violates invariants. */
export class Broken extends Error {
    constructor(readonly violations: readonly Violation[]) {
        super(violations.map(({ invariant, what }) => `${what}\nBroken: ${promises[invariant]}.`).join("\n"));
    }

    /** The invariants that it violates, each once. */
    get promised(): Promised[] {
        return [...new Set(this.violations.map(({ invariant }) => invariant))];
    }
}

/** Collects what a history violates. */
export class Violations {
    readonly #found: Violation[] = [];

    /**
     * @param ignored invariants that nothing is checked against
     * @param stopsAtFirst the first violation ends the history: whether there is one is all that counts
     */
    constructor(
        private readonly ignored: readonly Promised[],
        private readonly stopsAtFirst: boolean,
    ) {}

    /** @throws Broken where the first violation ends the history */
    report(invariant: Promised, what: string): void {
        if (this.ignored.includes(invariant)) {
            return;
        }
        if (!this.#found.some((known) => known.invariant === invariant && known.what === what)) {
            this.#found.push({ invariant, what });
        }
        if (this.stopsAtFirst) {
            throw new Broken(this.#found);
        }
    }

    /** @throws Broken with all of them, if there are any */
    assertNone(): void {
        if (this.#found.length > 0) {
            throw new Broken(this.#found);
        }
    }
}
