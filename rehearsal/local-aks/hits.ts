import { ArmError } from "./arm-error";

interface Waiting {
    hits: number;
    resolve(): void;
    reject(error: Error): void;
}

/** How often each fault has struck, also those that are gone, for those who wait for it. */
export class Hits {
    readonly #hits = new Map<number, number>();
    readonly #waiting = new Map<number, Waiting[]>();

    /** The fault has struck once more. */
    count(id: number): void {
        const hits = (this.#hits.get(id) ?? 0) + 1;
        this.#hits.set(id, hits);
        const waiting = this.#waiting.get(id) ?? [];
        this.#waiting.set(
            id,
            waiting.filter((one) => one.hits > hits),
        );
        for (const one of waiting.filter((one) => one.hits <= hits)) {
            one.resolve();
        }
    }

    /** Settles once the fault has struck so often. Fails as soon as it is gone before. */
    reached(id: number, hits: number, isArmed: boolean): Promise<void> {
        if ((this.#hits.get(id) ?? 0) >= hits) {
            return Promise.resolve();
        }
        if (!isArmed) {
            return Promise.reject(gone(id));
        }
        const reached = new Promise<void>((resolve, reject) => {
            this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), { hits, resolve, reject }]);
        });
        // Whoever asked may have gone on without it: then its failure is nobody's.
        reached.catch(() => undefined);
        return reached;
    }

    /** The fault will not strike again. */
    end(id: number): void {
        for (const { reject } of this.#waiting.get(id) ?? []) {
            reject(gone(id));
        }
        this.#waiting.delete(id);
    }
}

function gone(id: number): ArmError {
    return new ArmError(404, "NotFound", `There is no fault ${id}, or no longer, and it did not strike so often.`);
}
