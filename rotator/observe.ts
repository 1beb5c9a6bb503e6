import type { Kubeconfig } from "../formats/kubeconfig";
import { shakeHands } from "./api-server";
import type { Azure } from "./azure";
import type { Observation } from "./observation";
import { isFinal } from "./provisioning-state";
import type { VerifyMode } from "./settings";

/** A look at the cluster, and the credentials that were read for it. */
export interface Look {
    cluster: Observation;
    /** There when nothing is under way. */
    credentials?: Kubeconfig;
}

/**
 * Looks at the cluster: what Resource Manager says, and, when nothing is under way, whose CA the credentials and the API
 * server itself show. The credentials can lag behind a rotation for a while; the server cannot.
 *
 * @throws RestError, AuthenticationError; Error when the credentials have no CA
 */
export async function observe(azure: Azure, verify: VerifyMode, signal: AbortSignal): Promise<Look> {
    const found = await azure.look(signal);
    if (found === undefined) {
        return { cluster: { found: false } };
    }
    const cluster: Observation = { found: true, ...found };
    if (!isFinal(found.provisioningState)) {
        return { cluster };
    }
    const credentials = await azure.credentials(signal);
    cluster.caFingerprints = credentials.caFingerprints;
    if (!found.stopped && verify !== "off") {
        cluster.apiServer = await askApiServer(credentials, signal);
    }
    return { cluster, credentials };
}

const patienceMs = 10_000;

async function askApiServer(credentials: Kubeconfig, signal: AbortSignal) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    try {
        const handshake = await shakeHands(credentials, credentials.caCertificate, patience);
        return !handshake.signed ? "anotherCa" : "sameCa";
    } catch {
        signal.throwIfAborted();
        return "unreachable";
    }
}
