import { ClusterTokenRefused } from "../azure/cluster-token";
import { wordsOf } from "../azure/explain";
import { type AttemptState, hasEffectiveRotation } from "./attempt-state";
import { RECORD_CONFIG_MAP } from "./cluster-record";
import { type FailureReason, MAX_ATTEMPTS } from "./decide";
import { lostMessage } from "./lost-message";
import type { Observation } from "./observation";
import { spoken } from "./progress";
import type { RotateSettings, Settings, VerifyThrough } from "./settings";
import { CheckFailed } from "./verification";

/** What has happened in the run that stops. */
export interface Happened {
    /** Whether it has seen the cluster. */
    seen: boolean;
    /** Rotations that Azure accepted from it. */
    started: number;
    /** What Azure says went wrong with the last of them. */
    azureSays?: string | undefined;
    /** What to do about that. */
    advice?: string | undefined;
    /** The highest generation that was asked for so far. */
    askedGeneration?: number;
    /** The API server has shown a new CA, perhaps not on every connection. */
    newServerCaSeen?: boolean;
}

/** Why the rotator stops, what state the cluster is in, and what to do: for the person who ran `pulumi up`. */
export function stopMessage(
    reason: FailureReason,
    settings: Settings,
    cluster: Observation,
    { seen, started, azureSays, advice, askedGeneration, newServerCaSeen = false }: Happened,
): string {
    const { clusterName, resourceGroupName, subscriptionId, generation, verifyThrough } = settings;
    const { recordNamespace = "default" } = settings;
    const state = cluster.found ? cluster.provisioningState : "";
    const nothing = started === 0 ? "Nothing was rotated by this run" : "This run had started a rotation of it";
    const name = `cluster "${clusterName}" in resource group "${resourceGroupName}"`;
    switch (reason) {
        case "notFound":
            return seen
                ? `The ${name} was there when this run began, and is there no more: somebody has deleted it. ${nothing}. ` +
                      "Take it out of the program; or create it again, and pulumi up adopts the new one."
                : `There is no ${name} in subscription ${subscriptionId}. ${nothing}. Check resourceGroupName, clusterName and ` +
                      "subscriptionId, then run pulumi up again. If somebody has deleted it, take it out of the program; or " +
                      "create it again, and pulumi up adopts the new one.";
        case "deleting":
            return `The ${name} is being deleted. ${nothing}. Take it out of the program; or wait, create it again, and pulumi up adopts the new one.`;
        case "attemptsExhausted":
            return (
                `The rotation of the ${name} ended ${state} ${MAX_ATTEMPTS} times. Azure says: ${azureSays ?? state}.\n` +
                "Mend the cause first (quota, disruption budgets, policies; `az aks show` tells the state), " +
                "then run pulumi up again: it starts the rotation once more."
            );
        case "caChangedButFailed":
            return (
                `The ${name} has a new CA since generation ${generation} was asked for, but its provisioning state is ${state}. ` +
                "To rotate again could be once too often. Bring the cluster to Succeeded first " +
                "(`az aks update` with no change reconciles it), then run pulumi up again: it verifies and records the rotation."
            );
        case "startUnanswered":
            return (
                `Azure did not answer ${MAX_ATTEMPTS} requests to rotate the ${name}, and no rotation was seen to begin. ` +
                "Check the network and Azure's status, then run pulumi up again."
            );
        case "caOverlaps":
            return (
                `Azure hands out a CA bundle for the ${name} that has a CA of before generation ${generation} was asked ` +
                "for, but is not the bundle of before, and this has not changed within settleTimeout. A rotation may have " +
                "been started for this generation, so none is started again. If the cluster was rotated, run pulumi up again " +
                "once Azure hands out the new CA alone (az aks get-credentials). If its CA bundle was only changed " +
                `otherwise, raise rotationGeneration to ${(askedGeneration ?? generation) + 1}: that starts from the bundle of now.`
            );
        case "canceled":
            return (
                `The rotation of the ${name} was canceled (az aks operation-abort), so it is not started again by this run. ` +
                "Nothing is rolled back: some nodes may have new certificates. Run pulumi up again to rotate it; or lower " +
                "rotationGeneration to what it was before to leave it as it is."
            );
        case "lastingFailure":
            return (
                `The rotation of the ${name} ended ${state} for a cause that does not go away by itself. Azure says: ` +
                `${azureSays ?? state}.\n${advice ?? "Remove the cause that Azure names."} Then run pulumi up again: it ` +
                "starts the rotation once more."
            );
        case "stopped":
            return (
                `The ${name} is stopped, so a rotation could not be verified. ${nothing}; the cluster is ${state}. ` +
                `Start it (az aks start --resource-group ${resourceGroupName} --name ${clusterName}) and run pulumi up again; or ` +
                'set verify to "bestEffort": the rotation is then recorded with what was not checked.'
            );
        case "caUnchanged":
            if (
                !newServerCaSeen &&
                (!cluster.found || cluster.apiServer === undefined || cluster.apiServer === "unreachable")
            ) {
                return (
                    `Azure says that the rotation of the ${name} has Succeeded, but still hands out the credentials of ` +
                    "before, and the API server was not asked: whether the cluster has a new CA, nobody can tell from here. " +
                    "Wait until the credentials follow before you run pulumi up again, or run it where the API server can " +
                    "be reached and verify is not off: as it is, another run could rotate a second time."
                );
            }
            return newServerCaSeen || (cluster.found && cluster.apiServer === "anotherCa")
                ? `The ${name} has been rotated: its API server has a certificate of a new CA. But Azure still hands out ` +
                      "the old credentials. Run pulumi up again later, with a longer settleTimeout if need be; " +
                      "it does not rotate a second time."
                : `Azure says that the rotation of the ${name} has Succeeded, but the cluster CA is still the one of before. ` +
                      "This is not counted as a rotation. Look at the cluster's activity log, or ask Azure support; " +
                      "running pulumi up again starts a new rotation.";
        case "unreachable":
            if (started > 0) {
                return (
                    `The rotation of the ${name} ended ${state}, and since then its API server cannot be reached from this ` +
                    `machine. Azure says: ${azureSays ?? state}. It is not started again, since that could not be ` +
                    "verified. Mend what Azure names, bring the API server back, and run pulumi up again."
                );
            }
            return verifyThrough === "runCommand"
                ? `The API server of the ${name} could not be asked by a command in the cluster (verifyThrough is ` +
                      '"runCommand"; the reason is above), so a rotation could not be verified. Nothing was rotated by this run; ' +
                      `the cluster is ${state}. See that ` +
                      "`az aks command invoke` works on the cluster (nodes with room for a pod, apiServerAccessProfile." +
                      'disableRunCommand), then run pulumi up again; or set verify to "bestEffort" (records what was not ' +
                      'checked) or "off".'
                : `The API server of the ${name} cannot be reached from this machine, so a rotation could not be verified. ` +
                      `Nothing was rotated by this run; the cluster is ${state}. Run pulumi up where the API server can be ` +
                      "reached; for a private cluster set " +
                      'verifyThrough to "runCommand" (AKS asks it by a command in the cluster); or set verify to ' +
                      '"bestEffort" (records what was not checked) or "off".';
        case "recordLost":
            return lostMessage(settings, { record: true, intent: false }) ?? "";
        case "newComponent":
            return (
                `The rotation record that the ${name} has in its ConfigMap ${recordNamespace}/${RECORD_CONFIG_MAP} is of a ` +
                `generation below ${generation}, and was written by this stack; but the component is new: it has neither a record ` +
                `nor an intent of its own. Another component of the stack can rotate the cluster for generation ${generation}. ` +
                `${nothing}.\n` +
                "If the component has another name or parent than before, set the old one again and run pulumi up; then change it " +
                "together with formerName (stack config) or the option aliases. If it is new, set rotationGeneration to that of " +
                `the ConfigMap and run pulumi up, then raise it to ${generation}; or run kubectl delete configmap --namespace ` +
                `${recordNamespace} ${RECORD_CONFIG_MAP} and then pulumi up: it adopts the cluster as it is.`
            );
        case "intentOutdated":
            return (
                `What was true of the ${name} when generation ${generation} was first asked for is lost: its Command was created ` +
                "anew (--replace, state taint, state delete), and the cluster has another CA now than the stack's record. So it " +
                `is not known whether the cluster was rotated for generation ${generation}. ${nothing}.\n` +
                `To rotate it, set rotationGeneration to ${generation + 1} and run pulumi up again. If it needs no rotation, set ` +
                "rotationGeneration to what it was before."
            );
        case "staleIntent":
            return (
                `Generation ${generation} was never asked for in this state: its intent is for a lower one, or for another ` +
                "cluster of the same name. Nothing was " +
                "rotated by this run. Was only a part of the stack updated (--target)? Run pulumi up for the whole stack."
            );
    }
}

/** The reasons that may be a matter for AKS support. */
export const forSupport: ReadonlySet<FailureReason> = new Set([
    "attemptsExhausted",
    "caChangedButFailed",
    "caUnchanged",
    "caOverlaps",
    "canceled",
    "lastingFailure",
    "startUnanswered",
    "unreachable",
]);

/** That Azure refuses to start a rotation for good; its own words come after. */
export function refusedLine(state: string): string {
    return (
        `Azure refuses to start the rotation. Nothing was started by this request; the cluster is ${state}. ` +
        "Remove the cause that Azure names, then run pulumi up again."
    );
}

/**
 * That a run ends for a reason that has nothing to do with the cluster, and how the cluster stands; the reason's own words
 * come after.
 *
 * @param state the provisioning state that was seen last, if any was
 */
export function brokenOffLine(attempt: AttemptState, state: string | undefined): string {
    const lastSeen =
        state === undefined
            ? "how the cluster stands could not be found out"
            : `the cluster was ${state} when it was last seen`;
    if (attempt.rotationObserved || hasEffectiveRotation(attempt)) {
        return (
            `This run cannot look any more; ${lastSeen}. What has begun there goes on by itself. Mend what is named next, ` +
            "then run pulumi up again: it picks the rotation up, and does not start a second one."
        );
    }
    return attempt.unansweredStarts > 0
        ? `This run cannot look any more; ${lastSeen}. Azure had not answered its request to rotate. Mend what is named ` +
              "next, then run pulumi up again: it finds out what came of that, before it starts anything."
        : `Nothing was rotated by this run; ${lastSeen}. Mend what is named next, then run pulumi up again.`;
}

/**
 * That the time is over, what was seen last, and what to do.
 *
 * @param told what was told last of the cluster; empty where nothing was
 * @param state the provisioning state that was seen last, if any was
 */
export function timeoutMessage(
    { clusterName, timeoutSeconds }: RotateSettings,
    told: string,
    state: string | undefined,
): string {
    const lastSeen = told || (state === undefined ? "asking Azure for the cluster" : `the cluster is ${state}`);
    return (
        `The rotation of ${clusterName} was not complete within ${spoken(timeoutSeconds * 1000)} (timeout). ` +
        `Last seen: ${lastSeen.replace(/\.$/, "")}.\n` +
        "Azure goes on by itself. Run pulumi up again to wait on, with a longer timeout if need be: " +
        "a rotation that is under way or has happened is not started a second time."
    );
}

/** Why no generation can be asked for now: the credentials stay those of before an earlier rotation. */
export function staleCredentials({ clusterName, resourceGroupName }: Settings, server: string, state: string): string {
    return (
        `The credentials that Azure hands out for cluster "${clusterName}" in resource group "${resourceGroupName}" are ` +
        `not those of its API server: ${server} has a certificate of another CA. Either Azure still hands out the ` +
        "credentials of before an earlier rotation, or a proxy between has a certificate of its own. " +
        `Nothing was rotated by this run; the cluster is ${state}. Run pulumi up again in a few minutes.`
    );
}

/** A verification that has failed. */
export interface Unverified {
    /** Whether it was that of a rotation; else of an adoption. */
    rotated: boolean;
    /** The cluster's provisioning state. */
    state: string;
    /** URL of the API server that was asked. */
    server: string;
    verifyThrough?: VerifyThrough;
}

/**
 * Why a verification fails, and what to do.
 *
 * @param error CheckFailed where an answer was the wrong one; another where there was none
 */
export function verificationFailed({ rotated, state, server, verifyThrough }: Unverified, error: unknown): string {
    const what = rotated
        ? "The cluster was rotated, but the result cannot be verified"
        : "The cluster cannot be adopted, since its credentials cannot be verified";
    const advice =
        error instanceof CheckFailed
            ? `${error.advice ?? "Look at the API server (a proxy between with a certificate of its own? a restart under way?)"}, then run pulumi up again`
            : error instanceof ClusterTokenRefused
              ? `${error.advice}, then run pulumi up again`
              : `${verifyThrough === "runCommand" ? "See that `az aks command invoke` works on the cluster" : "Make the API server reachable from this machine"} ` +
                'and run pulumi up again, or set verify to "bestEffort" (records what was not checked) or "off"';
    const rest = rotated ? "Nothing is rotated a second time." : "Nothing was rotated by this run.";
    return `${what}: ${wordsOf(error)} (${server}). The cluster is ${state}.\n${advice}. ${rest}`;
}

/** Why a rotation of a cluster that was stopped since cannot be verified, and what to do. */
export function stoppedUnverified({ clusterName, resourceGroupName }: Settings, state: string): string {
    return (
        `The cluster "${clusterName}" in resource group "${resourceGroupName}" was rotated, but is stopped now, so the ` +
        `result cannot be verified. The cluster is ${state}. Start it (az aks start) and run pulumi up again, or set verify ` +
        'to "bestEffort" (records what was not checked). Nothing is rotated a second time.'
    );
}
