import type { Tool } from "../toolchain/tool";
import type { Contender } from "./contender";
import { ScriptTrial } from "./script-trial";

/** AKS's how-to as a shell script: az, az, kubectl. */
export function script(az: Tool | undefined, kubectl: string | undefined): Contender {
    const missing = [...(az ? [] : ["the Azure CLI could not be had"]), ...(kubectl ? [] : ["no kubectl on PATH"])];
    return {
        name: "az and kubectl in a script",
        word: "script",
        noEngine: true,
        missing: missing.join(", ") || undefined,
        open: (stage, cluster) => ScriptTrial.open(stage, cluster),
    };
}
