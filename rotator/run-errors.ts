import type { Intent } from "../formats/intent";
import type { AttemptState } from "./attempt-state";
import type { FailureReason } from "./decide";
import type { Observation } from "./observation";
import { RotationError } from "./rotation-error";
import type { RotateSettings } from "./settings";
import { forSupport, stopMessage, timeoutMessage } from "./stop-message";
import { supportFacts } from "./support-facts";

/** What the error of a run is made of. */
export interface RunEnd {
    settings: RotateSettings;
    intent: Intent;
    state: AttemptState;
    /** The last observation; undefined where there was none. */
    cluster: Observation | undefined;
    /** On the clock of the state. */
    now: number;
}

/** The error of a run for which the decision was to fail. */
export function rotationFailed(reason: FailureReason, end: RunEnd & { cluster: Observation }): RotationError {
    const { started, failure, provisioningState, newServerCaSeen } = end.state;
    const happened = {
        seen: provisioningState !== undefined,
        started,
        azureSays: failure?.error?.text,
        advice: failure?.error?.advice,
        newServerCaSeen,
    };
    const message = stopMessage(reason, end.settings, end.cluster, happened);
    return new RotationError(reason, forSupport.has(reason) ? `${message}\n${supportDetails(end)}` : message);
}

/**
 * The error of a run whose timeout is over.
 *
 * @param status what was reported last
 */
export function timedOut(status: string, end: RunEnd): RotationError {
    const message = timeoutMessage(end.settings, status, end.state.provisioningState?.name);
    return new RotationError("timeout", `${message}\n${supportDetails(end)}`);
}

/** What AKS support asks for, as far as the run knows it. */
export function supportDetails({ settings, intent, state, cluster, now }: RunEnd): string {
    const { provisioningState, accepted, rotationObserved, unansweredStarts, newServerCaSeen } = state;
    const found = cluster?.found ? cluster : undefined;
    return supportFacts({
        clusterId: settings.clusterId,
        asked: intent,
        resourceUID: found?.resourceUID,
        state: provisioningState && { name: provisioningState.name, forMs: now - provisioningState.since },
        accepted,
        another: rotationObserved || newServerCaSeen || found?.apiServer === "anotherCa",
        unanswered: unansweredStarts,
    });
}
