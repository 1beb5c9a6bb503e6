/** The codes that Azure names when a rotation ends Failed or Canceled, by what follows from them. */
export const OPERATION_ERRORS = {
    /** AKS itself gave the operation up for a more urgent one. */
    preempted: ["AKSOperationPreempted"],
    /** The same request fails again until a person changes something. */
    lasting: ["ScopeLocked", "RequestDisallowedByPolicy", "QuotaExceeded", "ServicePrincipalValidationClientError"],
    /** The region has no machines left; it can have some later. */
    capacity: ["SkuNotAvailable", "OverconstrainedZonalAllocationRequest", "ZonalAllocationFailed", "AllocationFailed"],
    /** Nothing follows from it. */
    other: ["InternalServerError"],
} as const;

/** What follows from the code of an operation's error; `none` where Azure names no code. */
export type ErrorClass = keyof typeof OPERATION_ERRORS | "none";

/** The class of an error code. */
export function errorClass(code: string | undefined): ErrorClass {
    const known = Object.entries(OPERATION_ERRORS).find(([, codes]) => (codes as readonly unknown[]).includes(code));
    return (known?.[0] as ErrorClass | undefined) ?? "none";
}
