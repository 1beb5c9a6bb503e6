import type { Allowance } from "./allowances";
import { errorClass } from "./operation-errors";
import { isShownLate, type Reason, type Start } from "./promises";
import { CAPACITY_DELAYS_MS, UNANSWERED_MS, VISIBILITY_MS } from "./tolerances";
import type { Violations } from "./violations";

/** What a run of the rotator can know when it sends a start request. */
export interface Known {
    /** When Azure accepted its last start request, unless a rotation was seen since. */
    acceptedAt: number | undefined;
    /** When its last start request remained without an answer, unless a rotation was seen since. */
    unansweredAt: number | undefined;
    /** Its rotations whose end it was shown. */
    ended: readonly Start[];
    /** Those of them of whose operation Azure could not be asked. */
    unexplained: ReadonlySet<Start>;
}

/** Checks the invariants about a start request that is sent now, whatever becomes of it. */
export function checkRequest(
    reason: Reason,
    { acceptedAt, unansweredAt, ended, unexplained }: Known,
    rotations: readonly Start[],
    now: number,
    violations: Violations,
    allowed: (allowance: Allowance) => boolean,
): void {
    const state = reason.look.cluster.provisioningState;
    if (!["Succeeded", "Failed", "Canceled"].includes(state)) {
        violations.report("idle", `Asked for a rotation while ${state}.`);
    }
    if (acceptedAt !== undefined && now - acceptedAt < VISIBILITY_MS) {
        violations.report("early", `Asked again ${now - acceptedAt} ms after Azure had accepted a rotation.`);
    }
    if (unansweredAt !== undefined && now - unansweredAt < UNANSWERED_MS) {
        violations.report("early", `Asked again ${now - unansweredAt} ms after a request without an answer.`);
    }
    const reconciled = rotations.find(
        ({ by, context, outcome, reconcilesAt }) =>
            by === "us" &&
            outcome === "Failed" &&
            reconcilesAt !== undefined &&
            context?.intent === reason.intent &&
            context.record === reason.record,
    );
    if (reconciled !== undefined) {
        violations.report("reconciled", `Asked again before AKS reconciled rotation ${reconciled.number}.`);
    }
    if (ended.some(isShownLate) && allowed("shownLate")) {
        return;
    }
    const explained = ended.filter((rotation) => rotation.answered && !unexplained.has(rotation));
    const preempted = explained.filter(({ code }) => errorClass(code) === "preempted");
    const canceled = ended.find((rotation) => rotation.outcome === "Canceled" && !preempted.includes(rotation));
    if (canceled !== undefined && !unexplained.has(canceled)) {
        violations.report("veto", `Asked again though rotation ${canceled.number} was canceled.`);
    }
    const failed = explained.filter(({ outcome }) => outcome === "Failed");
    const lasting = failed.find(({ code }) => errorClass(code) === "lasting");
    if (lasting !== undefined) {
        violations.report("lasting", `Asked again though rotation ${lasting.number} failed with ${lasting.code}.`);
    }
    const last = failed.at(-1);
    if (last?.endedAt !== undefined && errorClass(last.code) === "capacity") {
        const delayMs = CAPACITY_DELAYS_MS[Math.min(failed.length, CAPACITY_DELAYS_MS.length) - 1] ?? 0;
        if (now - last.endedAt < delayMs) {
            violations.report(
                "capacity",
                `Asked again ${now - last.endedAt} ms after rotation ${last.number} failed with ${last.code}.`,
            );
        }
    }
}
