import type { Certificate, Check, RotationRecord } from "../formats/record";

/** What a verification found out. */
export interface Verification {
    verified: Check[];
    notVerified: RotationRecord["notVerified"];
    apiServerCertificate: Certificate | null;
    /** There where the API server was asked by a command in the cluster. */
    verifiedThrough?: RotationRecord["verifiedThrough"];
}

/** The API server was asked and gave the wrong answer; perhaps it is not ready yet. */
export class CheckFailed extends Error {
    /** @param advice what to do about it, where that is not to look at the API server; no full stop */
    constructor(
        message: string,
        readonly advice?: string,
    ) {
        super(message);
    }
}

const onAnApiServer = [
    "newCaAccepted",
    "oldCaRefused",
    "newCredentialsAccepted",
    "oldClientCertificateRefused",
] as const satisfies Check[];

/** The verification where the API server is not asked, for a reason. */
export function withoutApiServer(verified: Check[], reason: string): Verification {
    return { verified, notVerified: onAnApiServer.map((check) => ({ check, reason })), apiServerCertificate: null };
}

/**
 * Adds to a verification that the old CA is refused, or that it was not tried: its PEM text is not in a long intent, nor in
 * a record.
 *
 * @param isInForce undefined where the old CA was not tried
 */
export function recordOldCa({ verified, notVerified }: Verification, isInForce: false | undefined): void {
    if (isInForce === false) {
        verified.push("oldCaRefused");
    } else {
        notVerified.push({ check: "oldCaRefused", reason: "only the fingerprints of the old CA are on record" });
    }
}
