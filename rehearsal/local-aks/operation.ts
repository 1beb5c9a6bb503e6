import { randomUUID } from "node:crypto";
import type { Clock } from "./clock";
import type { ClusterRef } from "./cluster-options";
import { EarlyEnd } from "./early-end";

/** How a long-running operation stands, in Azure's words. */
export type OperationStatus = "InProgress" | "Succeeded" | "Failed" | "Canceled";

/** How an operation can end. */
export type Ended = Exclude<OperationStatus, "InProgress">;

/** Azure's error of an operation that did not succeed: as a rule code and message, but it can be of any shape. */
export type OperationError = unknown;

/** A long-running operation on a cluster. */
export class Operation {
    readonly id: string = randomUUID();
    /** When it began, by Azure's clock. */
    readonly started: Date;
    /** When it began, by the machine's clock, as Date.now() has it: waits and durations count from here. */
    readonly begun = Date.now();
    /** For who works on it: whether it is to end before its time. */
    readonly early = new EarlyEnd();
    /** Settles when it has ended, with how. */
    readonly finished: Promise<OperationStatus>;
    #finish: (status: OperationStatus) => void = () => undefined;
    #status: OperationStatus = "InProgress";
    #ended: Date | undefined;
    #error: OperationError | undefined;

    constructor(
        readonly cluster: ClusterRef,
        readonly location: string,
        /** The cluster's provisioning state meanwhile, e.g. RotatingClusterCertificates. */
        readonly provisioningState: string,
        /** Retry-After of its answers in seconds, asked each time. */
        readonly retryAfterSeconds: () => number | undefined,
        private readonly clock: Clock,
    ) {
        this.started = clock.date();
        this.finished = new Promise((resolve) => {
            this.#finish = resolve;
        });
    }

    get status(): OperationStatus {
        return this.#status;
    }

    get error(): OperationError | undefined {
        return this.#error;
    }

    /** Ends it, once: what comes later is ignored. */
    end(status: Ended, error?: OperationError): void {
        if (this.#status === "InProgress") {
            this.#status = status;
            this.#ended = this.clock.date();
            this.#error = error;
            this.#finish(status);
        }
    }

    /** As Azure's operation endpoint answers. */
    document(url: string): object {
        return {
            id: url,
            name: this.id,
            status: this.#status,
            startTime: this.started.toISOString(),
            ...(this.#ended && { endTime: this.#ended.toISOString() }),
            ...(this.#error !== undefined && { error: this.#error }),
        };
    }
}
