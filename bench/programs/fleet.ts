/** The component, once for each of many clusters. */
import { CertificateRotation } from "../../components";
import type { FleetWish } from "./wish";

export function program({ clusters, generation }: FleetWish): void {
    for (const { resourceGroup, name } of clusters) {
        new CertificateRotation(name, {
            resourceGroupName: resourceGroup,
            clusterName: name,
            rotationGeneration: generation,
        });
    }
}
