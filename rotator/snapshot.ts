import { isAbort, isTransient } from "../azure/explain";
import { type Intent, keepIntent, snapshotSeconds } from "../formats/intent";
import { initialState } from "./attempt-state";
import type { Doing, Sight } from "./outside";
import { paceMs } from "./pace";
import { followingLine } from "./progress-lines";
import { bringsNewCa } from "./provisioning-state";
import { RotationError } from "./rotation-error";
import type { Settings } from "./settings";
import { showsAnotherCa } from "./start-probe";
import { brokenOffLine, staleCredentials, stopMessage } from "./stop-message";

/**
 * What is true of the cluster now, as an intent for the generation; or the previous intent, where it still stands.
 * Credentials of before an earlier rotation would make that one pass for the one that is asked for: while the API
 * server shows that they are old, it waits for those of today. Where that server cannot be asked, nobody knows.
 *
 * @param seconds how long it may take
 * @param keep which of the previous intent and the one of now to keep
 * @throws RotationError when there is no such cluster, or its credentials stay old; what `sight` throws
 */
export function* snapshot<Wait>(
    sight: Sight<Wait>,
    settings: Settings,
    previous: Intent | undefined,
    keep = keepIntent,
    seconds = snapshotSeconds,
): Doing<Wait, Intent> {
    try {
        return yield* take(sight, settings, previous, keep, seconds);
    } catch (error) {
        if (!(error instanceof RotationError)) {
            sight.tell(brokenOffLine(initialState, undefined));
        }
        throw error;
    }
}

function* take<Wait>(
    sight: Sight<Wait>,
    settings: Settings,
    previous: Intent | undefined,
    keep: typeof keepIntent,
    seconds: number,
): Doing<Wait, Intent> {
    const began = sight.now();
    const left = () => began + seconds * 1000 - sight.now();
    let stale: RotationError | undefined;
    try {
        while (left() > 0) {
            const askedAt = sight.date();
            const cluster = yield* sight.look(left());
            if (cluster === undefined) {
                throw new RotationError(
                    "notFound",
                    stopMessage("notFound", settings, { found: false }, { seen: false, started: 0 }),
                );
            }
            const credentials = yield* sight.credentials(Math.max(1, left()));
            const { caFingerprints, caCertificate } = credentials;
            const now: Intent = {
                intent: 1,
                generation: settings.generation,
                clusterId: settings.clusterId,
                resourceUID: cluster.resourceUID,
                eTag: cluster.eTag,
                askedAt: askedAt.toISOString(),
                caFingerprints,
                caCertificate,
            };
            const kept = keep(previous, now);
            // A rotation under way ends after this, and counts.
            const isBlind = cluster.stopped || settings.verify === "off";
            if (kept === previous || isBlind || bringsNewCa(cluster.provisioningState)) {
                return kept;
            }
            try {
                if (!(yield* showsAnotherCa(sight, credentials, Math.max(1, left())))) {
                    return kept;
                }
            } catch (error) {
                if (settings.verify === "bestEffort" && isTransient(error) && !isAbort(error)) {
                    return kept;
                }
                throw error;
            }
            if (stale === undefined) {
                sight.tell(followingLine);
            }
            const message = staleCredentials(settings, credentials.server, cluster.provisioningState);
            stale = new RotationError("staleCredentials", message);
            yield* sight.sleep(Math.min(paceMs(sight.now() - began), Math.max(0, left())));
        }
    } catch (error) {
        // A look that the end of the time cuts short takes nothing back of what was seen before it.
        if (stale === undefined || left() > 0 || !isAbort(error)) {
            throw error;
        }
    }
    throw stale ?? new DOMException("no answer in time", "TimeoutError");
}
