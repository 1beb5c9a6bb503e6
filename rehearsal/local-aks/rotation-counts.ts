/** How many rotations a cluster has seen. */
export interface RotationCounts {
    /** Begun, by whomever. */
    started: number;
    /** Of those, begun by `rotateBySomebodyElse`. */
    startedBySomebodyElse: number;
    /** Ended as Succeeded, whether the CA changed or not. */
    finished: number;
    /** Ended as Failed. */
    failed: number;
    /** Ended as Canceled, also because the cluster was deleted meanwhile. */
    canceled: number;
    /** How long the last one took that has ended, in seconds, from its acceptance to the end of its operation. */
    lastSeconds?: number;
    /** When that one ended, in milliseconds since 1970. */
    lastEndedAt?: number;
}
