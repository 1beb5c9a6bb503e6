/** An `up` that ends with an error, for a reason that a user is told. */
export class UpFailed extends Error {}

/** Azure cannot be asked just now. */
export class AzureUnavailable extends UpFailed {
    constructor() {
        super("Azure cannot be asked");
    }
}
