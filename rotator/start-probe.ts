import { type Intent, snapshotSeconds } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { EarlierCa } from "./earlier-ca";
import type { Doing, Sight } from "./outside";
import { type ProbeSchedule, THOROUGH_PROBE } from "./probe-server-ca";

/**
 * How long API servers that restart one by one may show the CA of before, in milliseconds. Source: seen for some seconds;
 * AKS gives no bound.
 */
export const REPLICA_RESTART_MS = 60_000;

/** The time between two connections of a long watch, in milliseconds. */
const WATCH_INTERVAL_MS = 2_000;

/** What is known of the cluster right before a rotation is started. */
export interface BeforeStart {
    intent: Pick<Intent, "askedAt" | "eTag">;
    /** The cluster's eTag now. */
    eTag: string | undefined;
    /** When this run began. */
    startedAt: Date;
    /** For how many milliseconds this run has seen no other CA than that of before already. */
    watchedMs: number;
}

/**
 * How the API server is watched before a rotation is started: on eight connections over two seconds where nothing has
 * changed the cluster since this `up` asked for the rotation; else for a minute, since an earlier rotation can have ended
 * just now.
 */
export function startProbe({ intent, eTag, startedAt, watchedMs }: BeforeStart): ProbeSchedule {
    // An intent is as old as the run that took it may have lasted at most; the clocks of two machines can differ.
    const isOfThisUp = Math.abs(startedAt.getTime() - Date.parse(intent.askedAt)) <= snapshotSeconds * 1000;
    if (isOfThisUp && intent.eTag !== undefined && intent.eTag === eTag) {
        return THOROUGH_PROBE;
    }
    const overMs = Math.max(THOROUGH_PROBE.overMs, REPLICA_RESTART_MS - watchedMs);
    return { connections: Math.max(THOROUGH_PROBE.connections, Math.ceil(overMs / WATCH_INTERVAL_MS) + 1), overMs };
}

/** What the watch has shown: no other CA than one of before, a new one, or neither. */
export type StartFinding = "confirmed" | "new" | "unclear";

/** Watches the API server by a schedule, until a connection shows another CA than that of before. */
export function* watchServerCa<Wait>(
    sight: Sight<Wait>,
    { credentials, earlier, schedule }: { credentials: Kubeconfig; earlier: EarlierCa; schedule: ProbeSchedule },
    withinMs: number,
): Doing<Wait, StartFinding> {
    const shown = yield* sight.serverCa(credentials, earlier, schedule, withinMs);
    if (shown === "unreachable") {
        return "unclear";
    }
    if (shown.intent === "mismatch") {
        return "new";
    }
    return shown.credentials === "match" ? "confirmed" : "unclear";
}

/**
 * While API servers restart one by one after a rotation, the old and the new CA answer in turn: several connections are
 * made, but without a pause, since the rotation itself makes its own before it is started.
 */
const SEVERAL_PROBES: ProbeSchedule = { ...THOROUGH_PROBE, overMs: 0 };

/** Whether any of several connections shows another CA than that of the credentials. */
export function* showsAnotherCa<Wait>(
    sight: Sight<Wait>,
    credentials: Kubeconfig,
    withinMs: number,
): Doing<Wait, boolean> {
    const own = { fingerprints: credentials.caFingerprints, certificates: credentials.ca, isComplete: true };
    const shown = yield* sight.serverCa(credentials, own, SEVERAL_PROBES, withinMs);
    return shown !== "unreachable" && (shown.credentials === "mismatch" || shown.intent === "mismatch");
}
