import type { Ended } from "./operation";

/** Lets somebody end an operation before its time. */
export class EarlyEnd {
    readonly #controller = new AbortController();
    #status: Ended | undefined;

    /** How it is to end; undefined while nobody said so. */
    get status(): Ended | undefined {
        return this.#status;
    }

    /** Comes when somebody has said so. */
    get signal(): AbortSignal {
        return this.#controller.signal;
    }

    /** Says so, once: what is said later is ignored. */
    ask(status: Ended): void {
        this.#status ??= status;
        this.#controller.abort();
    }
}
