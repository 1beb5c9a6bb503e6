import { shortened } from "../../formats/printable";

/**
 * What a preflight looks at, in the order in which it is told, and what each check can find that is not well: `blocks`
 * stops a rotation, `warns` is told. docs/preflight.md has the same.
 */
export const severities = {
    rights: ["blocks"],
    credentials: ["blocks"],
    clusterState: ["blocks", "warns"],
    otherOperation: ["warns"],
    nodePools: ["warns"],
    disruptionBudgets: ["warns"],
    kubernetesVersion: ["warns"],
    apiServer: ["warns"],
    certificates: ["warns"],
    otherStack: ["warns"],
} as const satisfies Severities;

/** Checks, each with what it can find that is not well. */
export type Severities = Record<string, readonly ("blocks" | "warns")[]>;

/** A check of the preflight. */
export type PreflightCheck = keyof typeof severities;

/** Its checks, in the order in which they are told. */
export const checks = Object.keys(severities) as PreflightCheck[];

/** What one of some checks has found: no severity but those of that check. */
export type FindingOf<Checks extends Severities> = {
    [Check in keyof Checks]: {
        check: Check;
        /** A look that failed is `unknown`: it never stops a rotation. */
        status: "ok" | "unknown" | Checks[Check][number];
        /** What is so: a sentence without its full stop. */
        message: string;
        /** What to do; empty where there is nothing to do. With full stop. */
        advice: string;
    };
}[keyof Checks];

/** What a check of the preflight has found. */
export type Finding = FindingOf<typeof severities>;

/** All is well. */
export function ok(check: PreflightCheck, message: string): Finding {
    return { check, status: "ok", message, advice: "" };
}

/** It could not be looked at, for a reason. */
export function unknown(check: PreflightCheck, message: string, advice = ""): Finding {
    return { check, status: "unknown", message, advice };
}

/** How much of a message and of an advice is printed, in bytes, and how many findings. */
const MAX_TEXT_BYTES = 500;
const MAX_FINDINGS = 12;

/** Findings to print: what they repeat of Azure's words can be of any length. */
export function fitFindings<Any extends Pick<Finding, "message" | "advice">>(findings: readonly Any[]): Any[] {
    return findings.slice(0, MAX_FINDINGS).map((finding) => ({
        ...finding,
        message: shortened(finding.message, MAX_TEXT_BYTES),
        advice: shortened(finding.advice, MAX_TEXT_BYTES),
    }));
}

/** A finding as one line. */
export function findingLine({ check, message, advice }: Finding): string {
    return `${check}: ${message}.${advice === "" ? "" : ` ${advice}`}`;
}
