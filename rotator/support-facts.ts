import type { Intent } from "../formats/intent";
import { spoken } from "./progress";

/** A rotation of this run that Azure has accepted. */
export interface Accepted {
    /** When it was asked for. */
    at: Date;
    /** URL of its operation, where Azure gave one. */
    operation?: string;
    /** Azure's own number for the request that was accepted, from `x-ms-correlation-request-id`. */
    correlationId?: string;
}

/** What a run knows when it gives up. */
export interface Known {
    /** ARM id: subscription, resource group and cluster. */
    clusterId: string;
    /** The generation that is asked for, and since when, whichever run asked first. */
    asked: Pick<Intent, "generation" | "askedAt">;
    /** Undefined where the cluster was never seen. */
    resourceUID: string | undefined;
    /** The provisioning state seen last, and for how many milliseconds this run has seen it so. */
    state: { name: string; forMs: number } | undefined;
    /** The last one of this run. */
    accepted: Accepted | undefined;
    /** Whether this run saw a rotation that it has not started, or what came of one. */
    another: boolean;
    /** How many requests to rotate had no answer. */
    unanswered: number;
}

/** The facts that AKS support asks for, one on each line. */
export function supportFacts({ clusterId, asked, resourceUID, state, accepted, another, unanswered }: Known): string {
    const facts = [
        `cluster: ${clusterId}`,
        `resourceUID: ${resourceUID ?? "not seen by this run"}`,
        `generation ${asked.generation}: asked for since ${asked.askedAt} (UTC)`,
        `provisioning state: ${state === undefined ? "not seen by this run" : `${state.name}, seen so by this run for ${spoken(state.forMs)}`}`,
    ];
    if (accepted !== undefined) {
        facts.push(
            `operation id: ${operationId(accepted.operation) ?? "not known: Azure did not give it"}`,
            `correlation id: ${accepted.correlationId ?? "not known: Azure did not give it"}`,
            `accepted: ${accepted.at.toISOString()} (UTC)`,
        );
    } else if (unanswered > 0) {
        facts.push("operation id: not known: Azure did not answer the request to rotate", activityLog(clusterId));
    } else if (another) {
        facts.push(
            "operation id: not known to this run: an earlier one, or somebody else, started it",
            `${activityLog(clusterId)}; or the output of the run that started it ("Azure has accepted the rotation")`,
        );
    } else {
        facts.push("operation id: none: this run has started no rotation");
    }
    return `What AKS support asks for:\n${facts.map((fact) => `  ${fact}`).join("\n")}`;
}

/** Where Azure tells of what this run does not know. Without an offset, az looks back six hours. */
function activityLog(clusterId: string): string {
    return `where to find it: az monitor activity-log list --resource-id ${clusterId} --offset 7d`;
}

/** The id of an operation: the last segment of its URL's path. Undefined where there is none. */
export function operationId(operation: string | undefined): string | undefined {
    const path = operation?.split(/[?#]/, 1)[0]?.replace(/\/+$/, "");
    return path?.split("/").at(-1) || undefined;
}
