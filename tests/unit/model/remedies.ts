import type { OtherOperation } from "./operations";

/** What the user does about an error, where that is an operation of Azure. */
export const REMEDIES: Record<string, OtherOperation> = {
    caChangedButFailed: "update",
    attemptsExhausted: "update",
    stopped: "start",
};
