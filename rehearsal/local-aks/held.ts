/** What faults hold: requests, answers and connections that wait to go on. */
export class Held {
    readonly #held = new Map<number, Set<() => void>>();

    /**
     * Keeps one.
     *
     * @param go lets it go on.
     * @returns forgets it, for when its client has gone.
     */
    add(id: number, go: () => void): () => void {
        const held = this.#held.get(id) ?? new Set();
        this.#held.set(id, held.add(go));
        return () => held.delete(go);
    }

    /** How many the fault holds now. */
    count(id: number): number {
        return this.#held.get(id)?.size ?? 0;
    }

    /** Lets all that the fault holds go on, in the order in which they came. */
    release(id: number): void {
        const held = this.#held.get(id) ?? [];
        this.#held.delete(id);
        for (const go of held) {
            go();
        }
    }
}
