/** An `up` that ends with an error, for a reason that a user is told. */
export class UpFailed extends Error {}

/** Azure cannot be asked just now: the connection is refused, an error that waiting may mend. */
export class AzureUnavailable extends UpFailed {
    readonly code = "ECONNREFUSED";

    constructor() {
        super("Azure cannot be asked");
    }
}
