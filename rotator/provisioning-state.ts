/**
 * The words of `properties.provisioningState` of a managed cluster. A word that is not final is an operation under
 * way, also one that this list has never heard of. Source: the AKS REST API's documentation and observed answers.
 */
const final = new Set(["Succeeded", "Failed", "Canceled"]);

const rotating = new Set(["RotatingClusterCertificates", "ReconcilingClusterCertificates"]);

/** Whether nothing is under way. */
export function isFinal(state: string): boolean {
    return final.has(state);
}

/** Whether the cluster's certificates are being replaced, perhaps with a new CA. */
export function isRotating(state: string): boolean {
    return rotating.has(state);
}

/** Whether that is a rotation for certain: certificates that are reconciled can keep their CA. */
export function bringsNewCa(state: string): boolean {
    return state === "RotatingClusterCertificates";
}

/** Whether what was under way before is being canceled: it has not ended yet. */
export function isCanceling(state: string): boolean {
    return state === "Canceling";
}
