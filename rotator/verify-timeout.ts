import { REQUEST_TIMEOUT_MS } from "./deadlines";
import type { VerifyThrough } from "./settings";

/**
 * How long the API server may take to answer all questions of a verification, in milliseconds: a dozen connections, one after
 * another, of up to a second and a half.
 */
export const VERIFY_TIMEOUT_MS = 20_000;

/** How long a token of Microsoft Entra ID may take, in milliseconds: `az account get-access-token` alone takes seconds. */
export const TOKEN_TIMEOUT_MS = 30_000;

/**
 * How long a verification may take, in milliseconds.
 *
 * @param needsToken whether it begins with a token of Microsoft Entra ID, which has a time of its own
 */
export function verifyTimeoutMs(verifyThrough: VerifyThrough | undefined, needsToken: boolean): number {
    // A command in the cluster begins with a pod that is to be scheduled.
    const ms = verifyThrough === "runCommand" ? REQUEST_TIMEOUT_MS : VERIFY_TIMEOUT_MS;
    return needsToken ? ms + TOKEN_TIMEOUT_MS : ms;
}
