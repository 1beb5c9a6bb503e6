import type { StopReason } from "./decide";

/** A run that ends without a result, on purpose. Its message is for the person who ran `pulumi up`. */
export class Stopped extends Error {
    constructor(
        readonly because: StopReason | "timeout" | "unverified" | "staleCredentials" | "preflight",
        message: string,
    ) {
        super(message);
    }
}
