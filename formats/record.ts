import * as z from "zod/mini";
import { Fingerprints, Instant, MAX_DOCUMENT_BYTES, parseDocument, sizeOf } from "./document";
import { shortened } from "./printable";

/** What can be checked of a rotation, in the order in which it is checked. */
export const checks = {
    provisioningState: "the provisioning state is Succeeded",
    caChanged: "the cluster CA has changed",
    newCaAccepted: "the new CA alone verifies the API server's certificate and name",
    oldCaRefused: "the old CA alone does not verify the API server's certificate",
    newCredentialsAccepted: "the API server accepts the new credentials",
    oldClientCertificateRefused: "the API server refuses the old client certificate",
} as const;

/** The name of a check. */
export type Check = keyof typeof checks;

const CheckName = z.enum(Object.keys(checks) as [Check, ...Check[]]);

const Certificate = z.object({
    /** Distinguished name of the subject, one line. */
    subject: z.string(),
    /** Distinguished name of the issuer, one line. */
    issuer: z.string(),
    /** When it expires. */
    expires: Instant,
    /** SHA-256 fingerprint. */
    fingerprint: z.string(),
});

/** What one needs to know of a certificate. */
export type Certificate = z.output<typeof Certificate>;

const Schema = z.object({
    /** The format's version. */
    record: z.literal(1),
    /** The high-water mark: no generation up to this one rotates the cluster again. */
    generation: z.number(),
    /** `adopted`: recorded as found, nothing rotated. `rotated`: by the run that wrote this. `found rotated`: since the
     * generation was asked for, but not by the run that wrote this, which has verified it. */
    outcome: z.enum(["adopted", "rotated", "found rotated"]),
    /** ARM id of the cluster, lower case. */
    clusterId: z.string(),
    /** `properties.resourceUID` of the cluster; left out where Azure gives none. */
    resourceUID: z.optional(z.string()),
    /** When Azure accepted the rotation; null where this run did not start it. */
    started: z.nullable(Instant),
    /** When the record was made: the rotation was complete and verified, or the cluster adopted. */
    finished: Instant,
    /** From `started` to `finished`; null where `started` is. */
    durationSeconds: z.nullable(z.number()),
    /** Fingerprints of the cluster CA when the rotation was asked for. For an adopted cluster the same as after. */
    caBefore: Fingerprints,
    /** Fingerprints of the cluster CA now. */
    caAfter: Fingerprints,
    /** For how long the API server did not answer while the rotation ran; asked once a second. Null: not observed. */
    outage: z.nullable(z.object({ totalSeconds: z.number(), longestSeconds: z.number() })),
    /** The API server's certificate, or null where it could not be seen. */
    apiServerCertificate: z.nullable(Certificate),
    /** What was checked, and held. */
    verified: z.array(CheckName),
    /** There where the API server was asked by a command in the cluster, and not from the machine of the run. */
    verifiedThrough: z.optional(z.literal("runCommand")),
    /** What was not checked, and why. */
    notVerified: z.array(z.object({ check: CheckName, reason: z.string() })),
});

/** What is known of the last finished rotation of a cluster, or of its adoption. Holds no secret. */
export type RotationRecord = z.output<typeof Schema>;

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
