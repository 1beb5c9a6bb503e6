import type { HistoryEvent, Up } from "./history";
import type { RotationPlan } from "./operations";

/** An `up`, for a story: what is out of the ordinary in it. */
export function describeUp(
    { raise, verify, settleTimeoutSeconds, timeoutSeconds, ...up }: Up,
    generation: number,
): string {
    const notes = [
        verify === "required" ? "" : `verify ${verify}`,
        settleTimeoutSeconds === 600 ? "" : `settleTimeout ${settleTimeoutSeconds} s`,
        timeoutSeconds === 3600 ? "" : `timeout ${timeoutSeconds} s`,
        up.credentials === "user" ? "" : "admin credentials",
        up.targeted ? "only the rotation is targeted" : "",
    ].filter((note) => note !== "");
    return `up at generation ${Math.max(0, generation + raise)}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

/** How a rotation goes, for a story. */
export function describePlan(plan: RotationPlan): string {
    return [
        `takes ${plan.seconds} s`,
        plan.outcome === "Succeeded" ? "" : `ends ${plan.outcome}`,
        plan.outcome === "Canceled" && plan.cancelingSeconds === 0 ? "at once" : "",
        plan.changesCa ? "" : "leaves the CA as it is",
        plan.stateLagSeconds === 0 ? "" : `shows after ${plan.stateLagSeconds} s`,
        plan.credentialsLagSeconds === 0
            ? ""
            : plan.credentialsLagSeconds < 0
              ? "its credentials come before its end"
              : `its credentials come ${plan.credentialsLagSeconds} s after its end`,
        plan.replicasSeconds === 0
            ? ""
            : `a replica answers with the old CA for ${plan.replicasSeconds} s more, ${describeOrder(plan.replicaOrder)}`,
        plan.keepsOldCa ? "keeps the old CAs in the bundle" : "",
        plan.code === undefined ? "" : `with ${plan.code}`,
        plan.reconciles === undefined
            ? ""
            : `AKS reconciles it after ${plan.reconciles.afterSeconds} s for ${plan.reconciles.seconds} s, ` +
              `${plan.reconciles.changesCa ? "with" : "without"} a new CA`,
    ]
        .filter((part) => part !== "")
        .join(", ");
}

/** How our next rotations go, for a story. */
export function describeOurs({ plan, times }: Extract<HistoryEvent, { event: "our next rotation" }>): string {
    return `our next ${times === 1 ? "rotation" : `${times} rotations, each`} ${describePlan(plan)}`;
}

function describeOrder(order: number): string {
    return order === 0 ? "in turn" : order < 0 ? "at first alone" : `in order ${order}`;
}
