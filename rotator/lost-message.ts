import { restoreCommand } from "../formats/restore-command";
import type { Settings } from "./settings";

/** What the stack's state has lost of what the two Commands have printed. */
export interface Lost {
    /** The rotation record. */
    record: boolean;
    /** The intent. */
    intent: boolean;
}

/** Why a run stops before it does anything, and the command that restores what is lost; undefined where nothing is. */
export function lostMessage(
    { clusterName, resourceGroupName, clusterId, stack }: Settings,
    { record, intent }: Lost,
): string | undefined {
    if (!record && !intent) {
        return undefined;
    }
    const what = record ? "rotation record" : "intent";
    const unknown = record
        ? "which generation was rotated last"
        : "what the cluster was like when the generation was asked for";
    return (
        `The ${what} of the cluster "${clusterName}" in resource group "${resourceGroupName}" is lost: in the state of ` +
        `${stack === undefined ? "the stack" : `stack ${stack}`} the Command that has printed it is empty, as pulumi refresh can ` +
        `leave it. So it is not known ${unknown}. Nothing was rotated by this run. Bring it back, then run pulumi up again:\n` +
        `  ${restoreCommand(stack, clusterId)}\n` +
        "It shows what it would write, and writes it with --yes."
    );
}
