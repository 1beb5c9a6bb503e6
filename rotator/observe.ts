import { isTransient } from "../azure/explain";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { EarlierCa } from "./earlier-ca";
import type { Observation } from "./observation";
import type { Doing, Sight } from "./outside";
import { type ServerCa, SINGLE_PROBE } from "./probe-server-ca";
import { isFinal } from "./provisioning-state";
import type { VerifyMode } from "./settings";

/** An observation of the cluster, and the credentials that were read for it. */
export interface Look {
    cluster: Observation;
    /** When Resource Manager had answered, on the clock of the ports. */
    at: number;
    /** There when nothing is under way. */
    credentials?: Kubeconfig;
    /** Why the API server could not be asked although it is not known to be unreachable; a retry may overcome it. */
    apiServerError?: Error;
}

/**
 * Observes the cluster: what Resource Manager says, and, when nothing is under way, which CA the credentials have and
 * which has signed the API server's certificate. The credentials can lag behind a rotation for a while; the server cannot,
 * but while its replicas restart one by one each connection can meet another one.
 *
 * @param earlierCa the CAs of before the rotation, by the credentials of now
 * @param withinMs how long the next request may take
 * @throws what `sight` throws
 */
export function* observe<Wait>(
    sight: Sight<Wait>,
    verify: VerifyMode,
    earlierCa: (now: Kubeconfig) => EarlierCa,
    withinMs: () => number,
): Doing<Wait, Look> {
    const found = yield* sight.look(withinMs());
    const at = sight.now();
    if (found === undefined) {
        return { cluster: { found: false }, at };
    }
    const cluster: Observation = { found: true, ...found };
    if (!isFinal(found.provisioningState)) {
        return { cluster, at };
    }
    const credentials = yield* sight.credentials(withinMs());
    cluster.caFingerprints = credentials.caFingerprints;
    if (found.stopped || verify === "off") {
        return { cluster, at, credentials };
    }
    let serverCa: ServerCa | "unreachable";
    try {
        serverCa = yield* sight.serverCa(credentials, earlierCa(credentials), SINGLE_PROBE, withinMs());
    } catch (error) {
        // What Resource Manager and the credentials have shown counts all the same.
        if (isTransient(error)) {
            return { cluster, at, credentials, apiServerError: error as Error };
        }
        throw error;
    }
    if (serverCa === "unreachable") {
        cluster.apiServer = "unreachable";
    } else {
        cluster.apiServer = serverCa.credentials === "match" ? "sameCa" : "anotherCa";
        cluster.signedByEarlierCa = serverCa.intent && serverCa.intent === "match";
    }
    return { cluster, at, credentials };
}
