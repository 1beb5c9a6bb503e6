import type { RotationOutcome } from "./cluster-options";
import type { Ended, OperationError } from "./operation";

/** How an operation's work ended, where it did not succeed. */
export type Ending = { status: "Failed" | "Canceled"; error: OperationError };

const INTERNAL_ERROR = {
    code: "InternalOperationError",
    message: "Internal server error: the certificates could not be rotated.",
};

/** Of a rotation with this outcome: nothing if it succeeds. */
export function endingOfRotation({ status, code, message, error }: RotationOutcome): Ending | undefined {
    if (status === "Succeeded") {
        return undefined;
    }
    const isNamed = status === "Failed" || code !== undefined || message !== undefined;
    const usual = { code: code ?? INTERNAL_ERROR.code, message: message ?? INTERNAL_ERROR.message };
    return { status, error: error ?? (isNamed ? usual : undefined) };
}

/** Of another operation, for which somebody has set the status: nothing if that is Succeeded. */
export function endingAsTold(status: Ended): Ending | undefined {
    return status === "Succeeded"
        ? undefined
        : { status, error: { code: `Operation${status}`, message: `It was to end ${status}.` } };
}
