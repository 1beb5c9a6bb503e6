import type { Contender } from "./contender";
import { StackTrial } from "./stack-trial";

/** The component. */
export const ours: Contender = {
    name: "CertificateRotation",
    word: "ours",
    open: (stage, cluster) => StackTrial.open(stage, "ours", { cluster }),
};
