import { CertificateRotation } from "../../components";
import { ten } from "./ten";
import type { Wish } from "./wish";

/** The component, with the same ten resources as the programs by hand. */
export function program({ cluster, generation, mark, namespace }: Wish): void {
    const { provider } = new CertificateRotation("cluster", {
        resourceGroupName: cluster.resourceGroup,
        clusterName: cluster.name,
        rotationGeneration: generation,
    });
    ten(provider, namespace, mark);
}
