/** What a preflight looks at, in the order in which it is told. */
export const checks = [
    "rights",
    "credentials",
    "clusterState",
    "otherOperation",
    "nodePools",
    "disruptionBudgets",
    "kubernetesVersion",
    "apiServer",
    "certificates",
] as const;

/** One of them. */
export type PreflightCheck = (typeof checks)[number];

/** What a check has found. A look that failed is `unknown`: it never stops a rotation. */
export interface Finding {
    check: PreflightCheck;
    status: "ok" | "warns" | "blocks" | "unknown";
    /** What is so: a sentence without its full stop. */
    message: string;
    /** What to do; empty where there is nothing to do. With full stop. */
    advice: string;
}

/** All is well. */
export function ok(check: PreflightCheck, message: string): Finding {
    return { check, status: "ok", message, advice: "" };
}

/** It could not be looked at, for a reason. */
export function unknown(check: PreflightCheck, message: string, advice = ""): Finding {
    return { check, status: "unknown", message, advice };
}

/** A finding as one line. */
export function findingLine({ check, message, advice }: Finding): string {
    return `${check}: ${message}.${advice === "" ? "" : ` ${advice}`}`;
}
