import type { NodePool } from "../../azure/cluster";
import { isFinal } from "../provisioning-state";
import { type Finding, ok } from "./finding";

/** Whether another operation runs on the cluster or a node pool of it; a rotation waits until it has ended. */
export function judgeOtherOperation(provisioningState: string, nodePools: readonly NodePool[]): Finding {
    const busy = [
        ...(isFinal(provisioningState) || provisioningState === "Deleting"
            ? []
            : [`the cluster is ${provisioningState}`]),
        ...nodePools
            .filter((pool) => pool.provisioningState !== undefined && !isFinal(pool.provisioningState))
            .map((pool) => `node pool ${pool.name} is ${pool.provisioningState}`),
    ];
    if (busy.length === 0) {
        return ok("otherOperation", "no other operation runs");
    }
    return {
        check: "otherOperation",
        status: "warns",
        message: busy.join(", "),
        advice: "AKS starts no rotation before that has ended: pulumi up waits for it, as long as its timeout allows.",
    };
}
