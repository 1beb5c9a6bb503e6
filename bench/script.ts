import type { Tool } from "../toolchain/tool";
import type { Contender } from "./contender";
import { ScriptTrial } from "./script-trial";

/** AKS's how-to as a shell script: az, az, kubectl or an equal request. */
export function script(az: Tool | undefined, kubectl: string | undefined): Contender {
    return {
        name: `az and ${kubectl ? "kubectl" : "an equal request"} in a script`,
        word: "script",
        noEngine: true,
        missing: az ? undefined : "the Azure CLI could not be had",
        open: (stage, cluster) => ScriptTrial.open(stage, cluster),
    };
}
