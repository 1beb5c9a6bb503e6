import type { KubernetesVersion } from "../../azure/cluster";
import { type Finding, ok, unknown } from "./finding";

const longTerm = "AKSLongTermSupport";

/**
 * Whether AKS still supports the cluster's Kubernetes version under its support plan. It warns, and does not block: an old
 * cluster whose certificates expire can need its rotation before it can be upgraded.
 *
 * @param version the control plane's, such as 1.36.3
 * @param plan the cluster's support plan; KubernetesOfficial where Azure does not say
 */
export function judgeKubernetesVersion(
    version: string | undefined,
    plan: string | undefined,
    offered: readonly KubernetesVersion[],
): Finding {
    const check = "kubernetesVersion";
    const minor = /^(\d+\.\d+)(\.|$)/.exec(version ?? "")?.[1];
    if (version === undefined || minor === undefined) {
        return unknown(check, "Azure does not say which version of Kubernetes the cluster has");
    }
    const needed = plan ?? "KubernetesOfficial";
    const found = offered.find((one) => one.version === minor);
    if (found === undefined) {
        return warning(version, "AKS has this version no more in the cluster's location");
    }
    // Where Azure names no plan for a version, it is one like any other.
    if (found.supportPlans.length > 0 && !found.supportPlans.includes(needed)) {
        const only = found.supportPlans.includes(longTerm) ? "; it does with long-term support" : "";
        return warning(version, `AKS supports this version no more under the plan ${needed}${only}`);
    }
    if (version !== minor && found.patches.length > 0 && !found.patches.includes(version)) {
        return warning(
            version,
            `AKS supports ${minor}, but has this patch of it no more (${found.patches.join(", ")})`,
        );
    }
    return ok(check, `AKS supports Kubernetes ${version} (${needed})${found.isPreview ? ", as a preview" : ""}`);
}

function warning(version: string, why: string): Finding {
    return {
        check: "kubernetesVersion",
        status: "warns",
        message: `the cluster has Kubernetes ${version}: ${why}`,
        advice: "Upgrade it (az aks get-upgrades tells to what): AKS gives no guarantee for operations on an unsupported version.",
    };
}
