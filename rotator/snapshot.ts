import { type Intent, keepIntent } from "../formats/intent";
import type { Doing, Sight } from "./outside";
import type { Settings } from "./settings";
import { stopMessage } from "./stop-message";
import { Stopped } from "./stopped";

/** How long a snapshot may take, in milliseconds. */
export const snapshotMs = 120_000;

/**
 * What is true of the cluster now, as an intent for the generation; or the previous intent, where it still stands.
 *
 * @throws Stopped when there is no such cluster; what `sight` throws
 */
export function* snapshot<Wait>(
    sight: Sight<Wait>,
    settings: Settings,
    previous: Intent | undefined,
    keep = keepIntent,
): Doing<Wait, Intent> {
    const until = sight.now() + snapshotMs;
    const left = () => Math.max(1, until - sight.now());
    const askedAt = sight.date();
    const cluster = yield* sight.look(left());
    if (cluster === undefined) {
        throw new Stopped("notFound", stopMessage("notFound", settings, { found: false }, undefined));
    }
    const { caFingerprints, caCertificate } = yield* sight.credentials(left());
    return keep(previous, {
        intent: 1,
        generation: settings.generation,
        clusterId: settings.clusterId,
        resourceUID: cluster.resourceUID,
        eTag: cluster.eTag,
        askedAt: askedAt.toISOString(),
        caFingerprints,
        caCertificate,
    });
}
