import type { Settings } from "../settings";
import { type Finding, findingLine } from "./finding";

/** Why a run stops at its preflight: what blocks, that nothing was started, and what to do. */
export function preflightMessage({ clusterName, resourceGroupName }: Settings, blockers: readonly Finding[]): string {
    return (
        `The preflight of cluster "${clusterName}" in resource group "${resourceGroupName}" has found what blocks a ` +
        `rotation. Nothing was rotated by this run.\n${blockers.map((finding) => `  ${findingLine(finding)}`).join("\n")}\n` +
        'Run pulumi up again then; or set preflight to "warn" to rotate in spite of it.'
    );
}

/** A finding as a line of progress. */
export function preflightLine(finding: Finding): string {
    const what = { ok: "is well", warns: "warns", blocks: "finds a blocker", unknown: "could not look" };
    return `The preflight ${what[finding.status]}: ${findingLine(finding)}`;
}
