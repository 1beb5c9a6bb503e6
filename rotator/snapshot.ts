import { isAbort } from "../azure/explain";
import { type Intent, keepIntent, snapshotSeconds } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import { initialState } from "./attempt-state";
import type { Doing, Sight } from "./outside";
import { paceMs } from "./pace";
import { type ProbeSchedule, THOROUGH_PROBE } from "./probe-server-ca";
import { bringsNewCa } from "./provisioning-state";
import { RotationError } from "./rotation-error";
import type { Settings } from "./settings";
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
            if (!(yield* showsAnotherCa(sight, credentials, Math.max(1, left())))) {
                return kept;
            }
            if (stale === undefined) {
                sight.tell(
                    "The API server has a certificate of another CA than Azure's credentials: waiting for them to follow",
                );
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

/**
 * While API servers restart one by one after a rotation, the old and the new CA answer in turn: several connections are
 * made, but without a pause, since the rotation itself makes its own before it is started.
 */
const SEVERAL_PROBES: ProbeSchedule = { ...THOROUGH_PROBE, overMs: 0 };

/** Whether any of several connections shows another CA than that of the credentials. */
function* showsAnotherCa<Wait>(sight: Sight<Wait>, credentials: Kubeconfig, withinMs: number): Doing<Wait, boolean> {
    const own = { fingerprints: credentials.caFingerprints, certificates: credentials.ca, isComplete: true };
    const shown = yield* sight.serverCa(credentials, own, SEVERAL_PROBES, withinMs);
    return shown !== "unreachable" && (shown.credentials === "mismatch" || shown.intent === "mismatch");
}
