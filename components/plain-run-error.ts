import * as pulumi from "@pulumi/pulumi";

/**
 * A RunError whose message stays as it was written. The SDK puts `error serializing property "…": ` before the message of
 * an error inside an output, once for every property that the output is part of, and so hides what the message says.
 */
export class PlainRunError extends pulumi.RunError {
    constructor(message: string) {
        super(message);
        Object.defineProperty(this, "message", { get: () => message, set: () => {} });
    }
}
