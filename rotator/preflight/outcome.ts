import type { RotateSettings } from "../settings";
import { type Finding, findingLine } from "./finding";

/** What a run makes of the findings of its preflight. */
export interface Outcome {
    /** To be told, one for each finding that is not well. */
    lines: string[];
    /** Why the run stops; undefined where it goes on. */
    stop?: string;
}

/** What to tell of a preflight, and whether the run stops at it: at a blocker, if the preflight is `required`. */
export function outcome(
    {
        clusterName,
        resourceGroupName,
        preflight,
    }: Pick<RotateSettings, "clusterName" | "resourceGroupName" | "preflight">,
    findings: readonly Finding[],
): Outcome {
    const lines = findings.filter(({ status }) => status !== "ok").map(line);
    const blockers = findings.filter(({ status }) => status === "blocks");
    if (blockers.length === 0 || preflight !== "required") {
        return { lines };
    }
    const stop =
        `The preflight of cluster "${clusterName}" in resource group "${resourceGroupName}" has found what blocks a ` +
        `rotation. Nothing was rotated by this run.\n${blockers.map((finding) => `  ${findingLine(finding)}`).join("\n")}\n` +
        'Run pulumi up again then; or set preflight to "warn" to rotate in spite of it.';
    return { lines, stop };
}

function line(finding: Finding): string {
    const what = { ok: "is well", warns: "warns", blocks: "finds a blocker", unknown: "could not look" };
    return `The preflight ${what[finding.status]}: ${findingLine(finding)}`;
}
