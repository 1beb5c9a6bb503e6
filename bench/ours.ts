import { CertificateRotation } from "../components";
import type { Contender } from "./contender";
import { StackTrial } from "./stack-trial";
import { ten } from "./ten";

/** The component. */
export const ours: Contender = {
    name: "CertificateRotation",
    word: "ours",
    open: (stage, { resourceGroup, name }) =>
        StackTrial.open(stage, {}, ({ generation, mark, namespace }) => {
            const { provider } = new CertificateRotation("cluster", {
                resourceGroupName: resourceGroup,
                clusterName: name,
                rotationGeneration: generation,
            });
            ten(provider, namespace, mark);
        }),
};
