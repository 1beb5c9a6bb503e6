import * as z from "zod/mini";
import { Fingerprints, Instant, MAX_DOCUMENT_BYTES, parseDocument, sizeOf } from "./document";
import { shortened } from "./printable";

/** The name of a check of a rotation. */
export type Check =
    | "provisioningState"
    | "caChanged"
    | "newCaAccepted"
    | "oldCaRefused"
    | "newCredentialsAccepted"
    | "oldClientCertificateRefused";

/** What each check looks for, in the order in which they are made. */
export const checks: Readonly<Record<Check, string>> = {
    provisioningState: "the provisioning state is Succeeded",
    caChanged: "the cluster CA has changed",
    newCaAccepted: "the new CA alone verifies the API server's certificate and name",
    oldCaRefused: "the old CA alone does not verify the API server's certificate",
    newCredentialsAccepted: "the API server accepts the new credentials",
    oldClientCertificateRefused: "the API server refuses the old client certificate",
};

// The types of the public API are written out rather than inferred from the schema below: a program that uses the package
// compiles against them, and must not need the types of the schema library.

/** What identifies a certificate, and when it expires. */
export interface Certificate {
    /** Distinguished name of the subject, one line. */
    subject: string;
    /** Distinguished name of the issuer, one line. */
    issuer: string;
    /** When it expires: an instant in ISO 8601, in UTC. */
    expires: string;
    /** SHA-256 fingerprint. */
    fingerprint: string;
}

/** For how long the API server did not answer while a rotation ran; it is asked once a second. */
export interface Outage {
    /** Sum of all times without an answer, in seconds. */
    totalSeconds: number;
    /** The longest time without an answer, in seconds. */
    longestSeconds: number;
}

/** A check that was not made. */
export interface NotVerified {
    /** The check. */
    check: Check;
    /** Why it was not made. */
    reason: string;
}

/** What is known of the last finished rotation of a cluster, or of its adoption. Holds no secret. */
export interface RotationRecord {
    /** The format's version. */
    record: 1;
    /** The high-water mark: no generation up to this one rotates the cluster again. */
    generation: number;
    /**
     * `adopted`: recorded as found, nothing rotated. `rotated`: by the run that wrote this. `found rotated`: since the
     * generation was asked for, but not by the run that wrote this, which has verified it.
     */
    outcome: "adopted" | "rotated" | "found rotated";
    /** ARM id of the cluster, lower case. */
    clusterId: string;
    /** `properties.resourceUID` of the cluster; left out where Azure gives none. */
    resourceUID?: string | undefined;
    /** When Azure accepted the rotation, an instant in ISO 8601; null where this run did not start it. */
    started: string | null;
    /** When the record was made, an instant in ISO 8601: the rotation was complete and verified, or the cluster adopted. */
    finished: string;
    /** From `started` to `finished`, in seconds; null where `started` is. */
    durationSeconds: number | null;
    /** Fingerprints of the cluster CA when the rotation was asked for. For an adopted cluster the same as after. */
    caBefore: string[];
    /** Fingerprints of the cluster CA now. */
    caAfter: string[];
    /** For how long the API server did not answer while the rotation ran. Null: not observed. */
    outage: Outage | null;
    /** The API server's certificate, or null where it could not be seen. */
    apiServerCertificate: Certificate | null;
    /** What was checked, and held. */
    verified: Check[];
    /** Present where the API server was asked by a command in the cluster, and not from the machine of the run. */
    verifiedThrough?: "runCommand" | undefined;
    /** What was not checked, and why. */
    notVerified: NotVerified[];
}

const CheckName = z.enum(Object.keys(checks) as [Check, ...Check[]]);

const CertificateSchema = z.object({
    subject: z.string(),
    issuer: z.string(),
    expires: Instant,
    fingerprint: z.string(),
});

const Schema = z.object({
    record: z.literal(1),
    generation: z.number(),
    outcome: z.enum(["adopted", "rotated", "found rotated"]),
    clusterId: z.string(),
    resourceUID: z.optional(z.string()),
    started: z.nullable(Instant),
    finished: Instant,
    durationSeconds: z.nullable(z.number()),
    caBefore: Fingerprints,
    caAfter: Fingerprints,
    outage: z.nullable(z.object({ totalSeconds: z.number(), longestSeconds: z.number() })),
    apiServerCertificate: z.nullable(CertificateSchema),
    verified: z.array(CheckName),
    verifiedThrough: z.optional(z.literal("runCommand")),
    notVerified: z.array(z.object({ check: CheckName, reason: z.string() })),
}) satisfies z.ZodMiniType<RotationRecord>;

/**
 * Reads a rotation record.
 *
 * @throws Error when the text is not a rotation record of this version
 */
export function parseRecord(text: string): RotationRecord {
    return parseDocument(Schema, text, "rotation record");
}

/** How much of a reason, and of a distinguished name, a record that is too long keeps, in bytes. */
const MAX_TEXT_BYTES = 400;

/**
 * The record to print: where it is too long to be passed on, texts of others are shortened, and at last the fingerprints of
 * before the rotation are left out. What later runs compare, the CA of now, is never cut.
 */
export function fitRecord(record: RotationRecord): RotationRecord {
    if (sizeOf(record) <= MAX_DOCUMENT_BYTES) {
        return record;
    }
    const { apiServerCertificate: certificate, notVerified } = record;
    const short = {
        ...record,
        apiServerCertificate: certificate && {
            ...certificate,
            subject: shortened(certificate.subject, MAX_TEXT_BYTES),
            issuer: shortened(certificate.issuer, MAX_TEXT_BYTES),
        },
        notVerified: notVerified.map(({ check, reason }) => ({ check, reason: shortened(reason, MAX_TEXT_BYTES) })),
    };
    return sizeOf(short) <= MAX_DOCUMENT_BYTES ? short : { ...short, caBefore: [] };
}
