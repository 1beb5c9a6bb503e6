import type { Cluster } from "./cluster";

/**
 * Whether a replica of the API server is not restarted yet: from the rotation on, and `alternatingSeconds` longer, every
 * second new connection reaches one that has the certificates of before.
 */
export function isAlternating({
    provisioningState,
    rotations,
    settings,
}: Pick<Cluster, "provisioningState" | "rotations" | "settings">): boolean {
    const { alternatingSeconds } = settings;
    return (
        alternatingSeconds > 0 &&
        (provisioningState === "RotatingClusterCertificates" ||
            Date.now() < (rotations.lastEndedAt ?? 0) + alternatingSeconds * 1000)
    );
}
