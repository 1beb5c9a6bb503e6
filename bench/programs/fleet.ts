import { CertificateRotation } from "../../components";
import type { FleetWish } from "./wish";

/** The component, once for each of many clusters. */
export function program({ clusters, generation }: FleetWish): void {
    for (const { resourceGroup, name } of clusters) {
        new CertificateRotation(name, {
            resourceGroupName: resourceGroup,
            clusterName: name,
            rotationGeneration: generation,
        });
    }
}
