import { type Finding, ok } from "./finding";
import type { DisruptionBudget } from "./list-disruption-budgets";

/** How many are named; the number of all is told. */
const named = 10;

/**
 * Which pod disruption budgets let no pod be evicted now. One that covers no pods is in nobody's way. It warns, and does not
 * block: AKS documents that a drain heeds budgets, and that a rotation recreates all nodes, but not that it drains them.
 */
export function judgeDisruptionBudgets(budgets: readonly DisruptionBudget[]): Finding {
    const tight = budgets.filter(
        ({ disruptionsAllowed, expectedPods }) => disruptionsAllowed === 0 && expectedPods > 0,
    );
    if (tight.length === 0) {
        return ok("disruptionBudgets", "every pod disruption budget lets a pod be evicted");
    }
    const names = tight.slice(0, named).map(({ namespace, name }) => `${namespace}/${name}`);
    const more = tight.length > named ? ` and ${tight.length - named} more` : "";
    return {
        check: "disruptionBudgets",
        status: "warns",
        message: `${tight.length === 1 ? "a pod disruption budget lets" : `${tight.length} pod disruption budgets let`} no pod be evicted now: ${names.join(", ")}${more}`,
        advice:
            "They can hold up a node that is to be drained: add replicas, wait until all are healthy, or raise " +
            "maxUnavailable for the time of the rotation.",
    };
}
