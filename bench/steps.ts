import type { Step } from "./engine-run";

/** Whether a resource is in the cluster. */
export function isDownstream({ type }: Pick<Step, "type">): boolean {
    return type.startsWith("kubernetes:");
}

/** Whether it is replaced or deleted, or about to be. */
export function isReplaced({ op }: Pick<Step, "op">): boolean {
    return /replace|delete/.test(op);
}
