import type { Kubeconfig } from "../formats/kubeconfig";
import type { Observation } from "./observation";
import type { Doing, Sight } from "./outside";
import { isFinal } from "./provisioning-state";
import type { VerifyMode } from "./settings";

/** A look at the cluster, and the credentials that were read for it. */
export interface Look {
    cluster: Observation;
    /** When Resource Manager had answered, on the clock of the outside. */
    at: number;
    /** There when nothing is under way. */
    credentials?: Kubeconfig;
}

/**
 * Looks at the cluster: what Resource Manager says, and, when nothing is under way, whose CA the credentials and the API
 * server itself show. The credentials can lag behind a rotation for a while; the server cannot.
 *
 * @param withinMs how long the next request may take
 * @throws what `sight` throws
 */
export function* observe<Wait>(sight: Sight<Wait>, verify: VerifyMode, withinMs: () => number): Doing<Wait, Look> {
    const found = yield* sight.look(withinMs());
    const at = sight.now();
    if (found === undefined) {
        return { cluster: { found: false }, at };
    }
    const cluster: Observation = { found: true, ...found, resourceUID: found.resourceUID ?? "" };
    if (!isFinal(found.provisioningState)) {
        return { cluster, at };
    }
    const credentials = yield* sight.credentials(withinMs());
    cluster.caFingerprints = credentials.caFingerprints;
    if (!found.stopped && verify !== "off") {
        cluster.apiServer = yield* sight.apiServer(credentials, withinMs());
    }
    return { cluster, at, credentials };
}
