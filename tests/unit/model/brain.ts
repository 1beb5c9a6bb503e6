import { type ManagedCluster, managedCluster, type Start } from "../../../azure/cluster";
import { type Intent, keepIntent } from "../../../formats/intent";
import type { RotationRecord } from "../../../formats/record";
import { ROTATION_LOGIC, type RotationLogic } from "../../../rotator/controller";
import type { ApiServerShows } from "../../../rotator/outside";
import type { NoAnswer, ShownCluster } from "./azure-answers";
import { UpFailed } from "./up-failed";

/** What is under test: everything that the rotator and the intent decide. */
export interface Brain extends RotationLogic {
    keepIntent: (previous: Intent | undefined, now: Intent) => Intent;
    /** What azure/cluster.ts makes of an answer with status 200 to a read of the cluster. */
    readCluster: (answer: ShownCluster | NoAnswer) => ManagedCluster;
    /** The error of azure/cluster.ts for an answer with status 200 that holds no credentials. */
    noCredentials: () => Error;
    /** What azure/cluster.ts makes of an answer to a start request that Azure has not given. */
    readStart: () => Start;
    /** How many new connections to the API server make one answer, and within what time: of a probe, of a check of the old CA. */
    connections: { probe: number; oldCa: number; overMs: number };
    /** What rotator/real-sight.ts makes of the CAs that the API server shows, if it can be reached. */
    apiServerShows: (servers: readonly (string | undefined)[], credentials: readonly string[]) => ApiServerShows;
    /** What a run says in the end of what it has found out. */
    conclude: (record: RotationRecord) => RotationRecord;
    /** For how long a run goes on without its engine, which rotator/parent.ts takes `noticesMs` to notice. */
    outlivesMs: (noticesMs: number) => number;
    /** Whether it asks for a rotation, by what rotator/main.ts makes of its engine right before that. */
    asks: (engineIsAlive: boolean) => boolean;
}

/** The cluster's ARM id. */
export const CLUSTER_ID =
    "/subscriptions/s/resourcegroups/group/providers/microsoft.containerservice/managedclusters/cluster";

/** The body of an answer that is none, as the Azure SDK hands it over. */
const BODIES: Record<NoAnswer, unknown> = { nothing: "", object: {}, page: "<html></html>" };

/** The project's own. */
export const realBrain: Brain = {
    ...ROTATION_LOGIC,
    keepIntent,
    readCluster: (answer) => {
        const body = typeof answer === "string" ? BODIES[answer] : answer;
        return managedCluster(body as Parameters<typeof managedCluster>[0], CLUSTER_ID);
    },
    noCredentials: () => new UpFailed("no kubeconfig"),
    readStart: () => ({ answer: "accepted" }),
    connections: { probe: 1, oldCa: 1, overMs: 0 },
    apiServerShows: (servers, credentials) => {
        const answers = servers.filter((server) => server !== undefined);
        if (answers.length < servers.length) {
            return "unreachable";
        }
        return answers.every((server) => credentials.includes(server)) ? "sameCa" : "anotherCa";
    },
    conclude: (record) => record,
    outlivesMs: (noticesMs) => noticesMs,
    asks: (engineIsAlive) => engineIsAlive,
};
