import { type Finding, ok } from "./finding";

/**
 * Judges whether the cluster's power and provisioning state allow a rotation. A stopped cluster is warned of: `verify` decides
 * whether it is rotated.
 *
 * Source: AKS's how-to of certificate rotation, which asks to rotate again where a cluster is in a failed state, and names no
 * kind of cluster that cannot be rotated.
 */
export function judgeClusterState({
    provisioningState,
    stopped,
}: {
    provisioningState: string;
    stopped: boolean;
}): Finding {
    const check = "clusterState";
    if (provisioningState === "Deleting") {
        return {
            check,
            status: "blocks",
            message: "the cluster is being deleted",
            advice: "Take it out of the program.",
        };
    }
    if (stopped) {
        return {
            check,
            status: "warns",
            message: "the cluster is stopped, so a rotation of its certificates could not be verified",
            advice: 'Start it first (az aks start); or set verify to "bestEffort", and a rotation is recorded as not checked.',
        };
    }
    if (provisioningState === "Failed" || provisioningState === "Canceled") {
        return {
            check,
            status: "warns",
            message: `the cluster is ${provisioningState}: its last operation did not succeed`,
            advice: "A rotation can be started all the same, but may fail of the same cause: look at the activity log.",
        };
    }
    return ok(check, `the cluster is ${provisioningState}, and not stopped`);
}
