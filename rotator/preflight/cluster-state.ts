import { type Finding, ok } from "./finding";

/**
 * Whether the cluster's power and provisioning state allow a rotation.
 *
 * Source: AKS's how-to of certificate rotation, which asks to rotate again where a cluster is in a failed state, and names no
 * cluster that cannot be rotated. (A sentence that forbade it for a stopped one stood there from 2023-01-19 to 2023-04-18.)
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
            message: "the cluster is stopped: its API server cannot be asked, so that a rotation cannot be verified",
            advice:
                'Start it first (az aks start), or set verify to "bestEffort": the rotation is then recorded with what was ' +
                "not checked.",
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
