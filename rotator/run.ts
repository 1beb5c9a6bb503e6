import type { Observation } from "./observation";
import { isCanceling, isFinal, isRotating } from "./provisioning-state";

/** What has happened in this run so far: what `decide` needs to know of it. */
export interface Run {
    /** Rotations that Azure accepted from us. */
    started: number;
    /** Of those, how many ended Failed or Canceled. */
    failed: number;
    /** Whether a rotation of ours may still be under way: Azure accepted it, and no look has shown its end. */
    ours: boolean;
    /** How many requests to start one had no answer, and were not seen to have been accepted. */
    lost: number;
    /** Whether a rotation, anybody's, was seen under way. */
    seen: boolean;
    /** Whether a request to start one is without an answer, and too young to be called lost. */
    unanswered: boolean;
    /** Whether no rotation has been seen since that request. */
    awaited: boolean;
    /** Whether the cluster still shows how an earlier rotation failed, since the one that was accepted is too young. */
    starting: boolean;
    /** Whether `settleTimeout` has passed since nothing is under way any more. */
    settled: boolean;
    /** The provisioning state that says so, and since when it was seen to be this one; of any clock, milliseconds. */
    final?: { state: string; since: number };
    /** When Azure last accepted a rotation that was not seen under way yet; of the same clock. */
    acceptedAt?: number;
    /** When a request to start a rotation remained without an answer; of the same clock. */
    unansweredAt?: number;
}

/** A run at its beginning. */
export const newRun: Readonly<Run> = {
    started: 0,
    failed: 0,
    ours: false,
    lost: 0,
    seen: false,
    unanswered: false,
    awaited: false,
    starting: false,
    settled: false,
};

/** How long Azure may take to show a rotation that it has accepted, in milliseconds. */
export const startingMs = 10_000;

/**
 * How long a request to rotate that got no answer counts as possibly accepted, in milliseconds: it may be on its way for
 * half a minute, and what it begins is not shown at once.
 */
export const unansweredMs = 30_000 + startingMs;

/** The run after a look at the cluster at `now`. */
export function afterLook(run: Run, cluster: Observation, now: number, settleMs: number): Run {
    if (!cluster.found) {
        return run;
    }
    const state = cluster.provisioningState;
    const rotating = isRotating(state);
    const acceptedAt = rotating ? undefined : run.acceptedAt;
    const starting = acceptedAt !== undefined && now - acceptedAt < startingMs;
    const failedNow = (state === "Failed" || state === "Canceled") && run.ours && !starting;
    const since = run.final?.state === state ? run.final.since : now;
    // What is still the state of before a rotation that was accepted is the end of nothing.
    const final = isFinal(state) && !starting ? { state, since } : undefined;
    const unanswered = run.unansweredAt !== undefined && now - run.unansweredAt < unansweredMs;
    // What begins right after a request without an answer has come from it.
    const arrived = rotating && run.awaited ? 1 : 0;
    return {
        started: run.started + arrived,
        lost: run.lost - arrived,
        failed: run.failed + (failedNow ? 1 : 0),
        seen: run.seen || rotating,
        ours: arrived > 0 || (run.ours && (rotating || starting || isCanceling(state))),
        awaited: run.awaited && !rotating && unanswered,
        unanswered,
        starting,
        settled: final !== undefined && now - final.since >= settleMs,
        final,
        acceptedAt,
        unansweredAt: unanswered ? run.unansweredAt : undefined,
    };
}

/** Whether one of our rotations stands: Azure accepted it, and it was not seen to fail. */
export function oneStands({ started, failed }: Run): boolean {
    return started > failed;
}

/** The run after Azure's answer, at `now`, to a request to start a rotation. */
export function afterStart(run: Run, answer: "accepted" | "busy" | "none", now: number): Run {
    switch (answer) {
        case "accepted":
            return {
                ...run,
                started: run.started + 1,
                ours: true,
                acceptedAt: now,
                starting: true,
                final: undefined,
                settled: false,
            };
        case "busy":
            return run;
        case "none":
            return { ...run, lost: run.lost + 1, unansweredAt: now, unanswered: true, awaited: true };
    }
}
