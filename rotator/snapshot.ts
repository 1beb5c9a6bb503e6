import { type Intent, keepIntent } from "../formats/intent";
import type { Azure } from "./azure";
import type { Settings } from "./settings";
import { stopMessage } from "./stop-message";

/**
 * What is true of the cluster now, as an intent for the generation; or the previous intent, where it still stands.
 *
 * @throws Error when there is no such cluster, RestError, AuthenticationError
 */
export async function snapshot(
    azure: Azure,
    settings: Settings,
    previous: Intent | undefined,
    signal: AbortSignal,
): Promise<Intent> {
    const cluster = await azure.look(signal);
    if (cluster === undefined) {
        throw new Error(stopMessage("notFound", settings, { found: false }, undefined));
    }
    const { caFingerprints, caCertificate } = await azure.credentials(signal);
    return keepIntent(previous, {
        intent: 1,
        generation: settings.generation,
        clusterId: settings.clusterId,
        resourceUID: cluster.resourceUID,
        eTag: cluster.eTag,
        askedAt: new Date().toISOString(),
        caFingerprints,
        caCertificate,
    });
}
