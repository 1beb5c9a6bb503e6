import type { Tool } from "../toolchain/tool";
import type { Contender } from "./contender";
import { StackTrial } from "./stack-trial";

/**
 * A program as people write it. Its first up rotates too.
 *
 * @param identified whether the provider is told which cluster it is for
 */
export function byHand(identified: boolean, az: Tool | undefined): Contender {
    const word = `by-hand${identified ? "-identified" : ""}`;
    return {
        name: `Command and Provider by hand${identified ? ", with clusterIdentifier" : ""}`,
        word,
        missing: az ? undefined : "the Azure CLI could not be had",
        open: (stage, cluster) => StackTrial.open(stage, word, { cluster }, stage.azEnvironment),
    };
}
