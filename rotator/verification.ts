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
    /**
     * @param advice what to do about it, where that is not to look at the API server; no full stop
     * @param isForSupport whether it is a matter for AKS support
     */
    constructor(
        message: string,
        readonly advice?: string,
        readonly isForSupport = false,
    ) {
        super(message);
    }
}

/** A check got no answer. Those that were made before it stay made. */
export class VerificationUnanswered extends Error {
    override name = "VerificationUnanswered";

    /**
     * @param made what was found out before
     * @param cause why there was no answer
     */
    constructor(
        readonly made: Verification,
        override readonly cause: unknown,
    ) {
        super(cause instanceof Error ? cause.message : String(cause));
    }
}

/** Why a verification failed, in the words and the class of the check that did. */
export function causeOf(error: unknown): unknown {
    return error instanceof VerificationUnanswered ? error.cause : error;
}

const onAnApiServer = [
    "newCaAccepted",
    "oldCaRefused",
    "newCredentialsAccepted",
    "oldClientCertificateRefused",
] as const satisfies Check[];

/**
 * The verification where the API server is not asked, or has not answered all, for a reason.
 *
 * @param error of the verification: the checks that were made before it stay made
 */
export function withoutApiServer(verified: Check[], reason: string, error?: unknown): Verification {
    const made = error instanceof VerificationUnanswered ? error.made : undefined;
    const all = [...new Set([...verified, ...(made?.verified ?? [])])];
    const known = made?.notVerified ?? [];
    const open = onAnApiServer.filter((check) => !all.includes(check) && !known.some((one) => one.check === check));
    return {
        ...made,
        verified: all,
        notVerified: [...known, ...open.map((check) => ({ check, reason }))],
        apiServerCertificate: made?.apiServerCertificate ?? null,
    };
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
