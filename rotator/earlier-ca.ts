import type { X509Certificate } from "node:crypto";
import { certificatesIn, fingerprintsOf, sameFingerprints } from "../formats/certificate";
import type { Intent } from "../formats/intent";
import type { Kubeconfig } from "../formats/kubeconfig";
import type { RotationRecord } from "../formats/record";

/** The cluster CA right before the rotation that a generation asks for. */
export interface CaBefore {
    /** Sorted. */
    readonly fingerprints: string[];
    /** PEM; undefined where only the fingerprints are on record. */
    readonly certificate: string | undefined;
}

/**
 * The cluster CA right before the rotation that the intent asks for: the intent's, or the record's where the record is
 * younger. It is younger where a generation was asked for, lowered, and raised again: the lower one has rotated meanwhile.
 *
 * @param first the first credentials that this process has read, which can hold the certificate of a fingerprint
 */
export function caBefore(intent: Intent, record: RotationRecord | undefined, first: Kubeconfig | undefined): CaBefore {
    const isSuperseded = record !== undefined && isYounger(record, intent);
    const fingerprints = isSuperseded ? record.caAfter : intent.caFingerprints;
    const isFirst = first !== undefined && sameFingerprints(first.caFingerprints, fingerprints);
    const onRecord = isSuperseded ? undefined : intent.caCertificate || undefined;
    return { fingerprints, certificate: onRecord ?? (isFirst ? first.caCertificate : undefined) };
}

/** The credentials of before the rotation, if this process has read them: the first ones, where they have another CA. */
export function credentialsBefore(first: Kubeconfig | undefined, now: Kubeconfig): Kubeconfig | undefined {
    return first !== undefined && first.caCertificate !== now.caCertificate ? first : undefined;
}

/** Whether the record describes the cluster at a later time than the intent does. */
export function isYounger(record: RotationRecord, intent: Intent): boolean {
    // The clocks of two machines can differ: a record that starts from the intent's CA is younger, whatever they say.
    const startsFromIntent = record.outcome !== "adopted" && sameFingerprints(record.caBefore, intent.caFingerprints);
    return (
        !sameFingerprints(record.caAfter, intent.caFingerprints) &&
        (startsFromIntent || Date.parse(record.finished) > Date.parse(intent.askedAt))
    );
}

/** How the CA of the credentials relates to the CAs that were in force before the rotation. A CA never comes back. */
export interface CaComparison {
    /** The bundle is the intent's, or the record's. */
    readonly isUnchanged: boolean;
    /** It has a CA that was in force before. */
    readonly hasEarlier: boolean;
    /** It has a CA that was not. */
    readonly hasNew: boolean;
}

/** Compares the CA bundle that Azure serves with those that the intent and the record know. */
export function compareCa(
    now: readonly string[],
    intent: Pick<Intent, "caFingerprints">,
    record: Pick<RotationRecord, "caAfter"> | undefined,
): CaComparison {
    const earlier = new Set(earlierFingerprints(intent, record));
    return {
        isUnchanged: [intent.caFingerprints, record?.caAfter ?? []].some((bundle) => sameFingerprints(now, bundle)),
        hasEarlier: now.some((fingerprint) => earlier.has(fingerprint)),
        hasNew: now.some((fingerprint) => !earlier.has(fingerprint)),
    };
}

/** What the certificate of an API server is compared with. */
export interface EarlierCa {
    /** Fingerprints of the CAs that were in force before the rotation. */
    readonly fingerprints: readonly string[];
    /** Their certificates, as far as they are known. */
    readonly certificates: readonly X509Certificate[];
    /** Every fingerprint has its certificate: only then does a mismatch prove that another CA has signed. */
    readonly isComplete: boolean;
}

/** The CAs that were in force before the rotation, with the certificates that intent and credentials hold of them. */
export function earlierCa(intent: Intent, record: RotationRecord | undefined, now: Kubeconfig): EarlierCa {
    const fingerprints = earlierFingerprints(intent, record);
    const certificates = [...certificatesIn(intent.caCertificate ?? ""), ...now.ca].filter(({ fingerprint256 }) =>
        fingerprints.includes(fingerprint256),
    );
    const isComplete = fingerprintsOf(certificates).length === fingerprints.length;
    return { fingerprints, certificates, isComplete };
}

function earlierFingerprints(
    intent: Pick<Intent, "caFingerprints">,
    record: Pick<RotationRecord, "caAfter"> | undefined,
): string[] {
    return [...new Set([...intent.caFingerprints, ...(record?.caAfter ?? [])])];
}
