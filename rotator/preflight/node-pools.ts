import type { NodePool } from "../../azure/cluster";
import { type Finding, ok } from "./finding";

/**
 * Whether a node pool's state or settings are known to be in the way. A rotation recreates every node, by AKS's how-to; how
 * many at a time, it does not say. Quota and addresses of the subnet are not looked at.
 */
export function judgeNodePools(nodePools: readonly NodePool[]): Finding {
    const wrong = nodePools.flatMap(({ name, provisioningState, maxSurge, maxUnavailable }) => [
        ...(provisioningState === "Failed" || provisioningState === "Canceled"
            ? [`node pool ${name} is ${provisioningState}`]
            : []),
        // What is not set is AKS's default: a surge of 10%, and none unavailable.
        ...(isNone(maxSurge) && (maxUnavailable === undefined || isNone(maxUnavailable))
            ? [`node pool ${name} lets no node be added (maxSurge ${maxSurge}) and none be missing (maxUnavailable 0)`]
            : []),
    ]);
    if (wrong.length === 0) {
        return ok("nodePools", "no node pool has failed, and each may add nodes or miss some");
    }
    return {
        check: "nodePools",
        status: "warns",
        message: wrong.join("; "),
        advice:
            "Every node is recreated in a rotation: bring the pool to Succeeded (az aks nodepool upgrade --node-image-only, " +
            "or reconcile it with az aks nodepool update), and let it surge (az aks nodepool update --max-surge 1).",
    };
}

function isNone(value: string | undefined): boolean {
    return value !== undefined && /^0+%?$/.test(value.trim());
}
