/** OpenSSL's and Node.js's words for a server whose certificate is not trusted. */
const UNTRUSTED =
    /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)|CERT_|ERR_TLS_CERT)/;

/** A service gave no answer, or an error of its own: a later request can succeed. */
export class ServiceUnavailable extends Error {}

/** Whether an error says that the certificate of a server is not trusted. */
export function isUntrusted(error: unknown): boolean {
    return UNTRUSTED.test(String((error as { code?: unknown } | undefined)?.code));
}

/** Whether a status, or no answer at all, may be another one when the request is sent again later. */
export function isPassing(status: number | undefined): boolean {
    return status === undefined || status === 408 || status === 429 || status >= 500;
}
