import type { X509Certificate } from "node:crypto";
import { isSigned } from "../formats/certificate";
import type { Doing } from "./outside";

/** Whether a CA bundle contains the CA that signed the API server's certificate. */
export type CaMatch = "match" | "mismatch";

/** The CA that signed the API server's certificate, compared with two bundles at once. */
export interface ServerCa {
    /** Compared with the CA of the credentials that Azure serves now. */
    credentials: CaMatch;
    /** Compared with the CA that the intent has recorded; undefined where there is no intent. */
    intent: CaMatch | undefined;
}

/** The bundles that the API server's CA is compared with. */
export interface CaBundles {
    credentials: readonly X509Certificate[];
    intent?: readonly X509Certificate[] | undefined;
}

/** How many new connections are made, and over how many milliseconds they are spread evenly. */
export interface ProbeSchedule {
    connections: number;
    /** From the first connection to the last one, in milliseconds. */
    overMs: number;
}

/** One connection: enough to prove a change, too little to prove that nothing has changed. */
export const SINGLE_PROBE: ProbeSchedule = { connections: 1, overMs: 0 };

/**
 * What proves that every replica of the API server has the same CA: API servers restart one by one after a rotation, and
 * meanwhile the old and the new CA answer in turn.
 */
export const THOROUGH_PROBE: ProbeSchedule = { connections: 8, overMs: 2000 };

/**
 * Compares the CA that signed the API server's certificate with the bundles. Only signatures count, not names, since an
 * AKS cluster CA keeps its name in a rotation.
 *
 * @param chain the server's certificate, and those that it has sent with it
 */
export function compareServerCa(chain: readonly X509Certificate[], { credentials, intent }: CaBundles): ServerCa {
    const compare = (bundle: readonly X509Certificate[]): CaMatch => (isSigned(chain, bundle) ? "match" : "mismatch");
    // A comparison with an empty bundle would prove a change that nobody has seen.
    return { credentials: compare(credentials), intent: intent?.length ? compare(intent) : undefined };
}

/** Whether one handshake proves that the API server's CA is not the one of the intent. */
export function provesChange({ intent }: ServerCa): boolean {
    return intent === "mismatch";
}

/** What a repeated probe needs. `Result` is what one connection shows. */
export interface RepeatedProbe<Wait, Result> extends ProbeSchedule {
    /** Makes one NEW connection. What it throws ends the repeated probe. */
    handshake: () => Doing<Wait, Result>;
    /** Whether this connection has settled the question, so that no further one is needed. */
    isConclusive: (result: Result) => boolean;
    clock: {
        /** Milliseconds of a clock that only goes forward. */
        now(): number;
        sleep(ms: number): Doing<Wait, void>;
    };
}

/**
 * Makes new connections, spread evenly over a time, until one of them is conclusive. Connections that take longer than
 * their interval delay the later ones; the last one never starts before `overMs` has passed.
 *
 * @returns what the conclusive connection has shown; the last one where none was conclusive
 * @throws what `handshake` throws: without an answer nothing is proved
 */
export function* probeRepeatedly<Wait, Result>({
    connections,
    overMs,
    handshake,
    isConclusive,
    clock,
}: RepeatedProbe<Wait, Result>): Doing<Wait, Result> {
    const startedAt = clock.now();
    const intervalMs = overMs / Math.max(1, connections - 1);
    for (let made = 1; ; made++) {
        const result = yield* handshake();
        if (isConclusive(result) || made >= connections) {
            return result;
        }
        const pauseMs = startedAt + made * intervalMs - clock.now();
        if (pauseMs > 0) {
            yield* clock.sleep(pauseMs);
        }
    }
}

/** {@link probeRepeatedly} for the CA: ends at the first handshake with a CA that is not the intent's. */
export function probeServerCaRepeatedly<Wait>(
    probe: Omit<RepeatedProbe<Wait, ServerCa>, "isConclusive">,
): Doing<Wait, ServerCa> {
    return probeRepeatedly({ ...probe, isConclusive: provesChange });
}
