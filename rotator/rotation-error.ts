import type { FailureReason } from "./decide";

/** The error of a run that stops on purpose. Its message is for the person who ran `pulumi up`. */
export class RotationError extends Error {
    override readonly name = "RotationError";

    constructor(
        readonly reason: FailureReason | "timeout" | "unverified" | "staleCredentials" | "preflight",
        message: string,
    ) {
        super(message);
    }
}
