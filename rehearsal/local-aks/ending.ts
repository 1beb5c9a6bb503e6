import type { RotationOutcome } from "./cluster-options";
import type { Ended, OperationError } from "./operation";

/** How an operation's work ended, where it did not succeed. */
export type Ending = { status: "Failed" | "Canceled"; error: OperationError };

const ROTATION_ERRORS: Record<Ending["status"], OperationError> = {
    Failed: {
        code: "InternalOperationError",
        message: "Internal server error: the certificates could not be rotated.",
    },
    Canceled: { code: "OperationPreempted", message: "The operation has been preempted by another one." },
};

/** Of a rotation with this outcome: nothing if it succeeds. */
export function endingOfRotation({ status, code, message }: RotationOutcome): Ending | undefined {
    if (status === "Succeeded") {
        return undefined;
    }
    const usual = ROTATION_ERRORS[status];
    return { status, error: { code: code ?? usual.code, message: message ?? usual.message } };
}

/** Of another operation, for which somebody has set the status: nothing if that is Succeeded. */
export function endingAsTold(status: Ended): Ending | undefined {
    return status === "Succeeded"
        ? undefined
        : { status, error: { code: `Operation${status}`, message: `It was to end ${status}.` } };
}
