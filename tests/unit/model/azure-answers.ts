/** What becomes of a request to rotate. `late`: it is not answered, and reaches Azure only after `lateMs`. */
export type Delivery =
    | "answered"
    | "answerLost"
    | "answerTimesOut"
    | "answerReplaced"
    | "requestLost"
    | "late"
    | "veryLate"
    | "throttled";

/** What something between here and Azure answers with status 200 in Azure's place: nothing, an empty object, a page. */
export type NoAnswer = "nothing" | "object" | "page";

/** A cluster as Azure shows it; as the Azure SDK hands over the answer. */
export interface ShownCluster {
    resourceUID?: string;
    eTag?: string;
    provisioningState?: string;
    powerState?: { code: "Running" | "Stopped" };
}

/** What comes of a request to rotate. */
export interface Posted {
    answer: "accepted" | "busy" | "none" | "refused" | NoAnswer;
    /** When the answer comes, or it is clear that none does; infinity where nobody ever hears. */
    afterMs: number;
    waitSeconds?: number;
    /** The number of the rotation that was accepted: what its operation is named by. */
    operation?: number;
}

/** The cluster's ARM id. */
export const CLUSTER_ID =
    "/subscriptions/s/resourcegroups/group/providers/microsoft.containerservice/managedclusters/cluster";

/** The bodies of answers in Azure's place. */
export const BODIES: Record<NoAnswer, string> = { nothing: "", object: "{}", page: "<html></html>" };

/** Whether an answer comes from something in Azure's place. */
export function isNoAnswer(answer: unknown): answer is NoAnswer {
    return typeof answer === "string" && answer in BODIES;
}
