import { type Finding, ok } from "./finding";

/**
 * Whether the cluster's power and provisioning state allow a rotation.
 *
 * Source: AKS's how-to of certificate rotation, which does not support it for a stopped cluster, and asks to rotate
 * again where a cluster is in a failed state.
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
            status: "blocks",
            message:
                "the cluster is stopped, and AKS does not support the rotation of a stopped cluster's certificates",
            advice: "Start it first: az aks start.",
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
