import type { X509Certificate } from "node:crypto";
import type { TokenRequest } from "../azure/cluster-token";
import { describeCertificate, isSigned } from "../formats/certificate";
import { clientCertificate, type Kubeconfig } from "../formats/kubeconfig";
import type { Check } from "../formats/record";
import { type Handshake, ServerNotTrusted, shakeHands } from "./api-server";
import { authenticate } from "./authentication";
import { notValidYet, setTheClock } from "./clock-skew";
import { drive, wait } from "./drive";
import { monotonicClock } from "./monotonic-clock";
import { probeRepeatedly, type RepeatedProbe, THOROUGH_PROBE } from "./probe-server-ca";
import { CheckFailed, recordOldCa, type Verification, VerificationUnanswered } from "./verification";

/**
 * Gets a bearer token for a cluster with Microsoft Entra ID, where the kubeconfig names a program for it.
 *
 * @param request what the kubeconfig says of it
 * @param refused a token that the API server has refused, and that is not to be given again for long
 * @throws ClusterTokenRefused when there is none
 */
export type GetToken = (request: TokenRequest, refused?: string) => Promise<string>;

/** What a verification needs beside the credentials. */
export interface VerifyOptions {
    /** Spreads the connections that the old CA is tried on. @default monotonicClock */
    clock?: RepeatedProbe<Promise<unknown>, unknown>["clock"];
    /** Whether this run has seen the API server accept a token of this sign-in before the rotation. @default false */
    isTokenKnown?: boolean;
}

/**
 * Checks a cluster's new credentials against its API server, and that the old ones are of no use any more.
 *
 * @param before the CA when the rotation was asked for, and the credentials of that time where this process has them
 * @throws CheckFailed when an answer is the wrong one
 * @throws VerificationUnanswered when there is no answer
 */
export async function verifyRotation(
    now: Kubeconfig,
    before: { caCertificate: string | undefined; credentials: Kubeconfig | undefined },
    getToken: GetToken,
    signal: AbortSignal,
    { clock = monotonicClock, isTokenKnown = false }: VerifyOptions = {},
): Promise<Verification> {
    const result = newVerification("provisioningState", "caChanged");
    const stop = new AbortController();
    const tried = AbortSignal.any([signal, stop.signal]);
    const replicas = probeReplicas(now, before.caCertificate, tried, clock);
    // Awaited below, unless the new credentials fail first.
    replicas.catch(() => undefined);
    try {
        let expired: string | undefined;
        let unanswered: { error: unknown } | undefined;
        try {
            expired = await checkCredentials(result, now, getToken, isTokenKnown, signal);
        } catch (error) {
            if (error instanceof CheckFailed) {
                throw error;
            }
            unanswered = { error };
        }
        if (expired !== undefined) {
            throw new CheckFailed(expired);
        }
        const shown = await replicas;
        if (shown !== "new") {
            throw new CheckFailed(
                shown === "old"
                    ? "the API server still has a certificate that the old CA verifies"
                    : "a replica of the API server has a certificate of another CA than the credentials",
            );
        }
        recordOldCa(result, before.caCertificate ? false : undefined);
        if (unanswered !== undefined) {
            throw unanswered.error;
        }
        await checkOldClient(result, now, before.credentials, signal);
        return result;
    } catch (error) {
        throw withMade(result, error);
    } finally {
        stop.abort();
    }
}

/**
 * Checks that a cluster's credentials work: the part of the verification that does not need a rotation. What has
 * expired, and so is renewed by a rotation, is not verified.
 *
 * @throws CheckFailed when an answer is the wrong one
 * @throws VerificationUnanswered when there is no answer
 */
export async function verifyCredentials(
    now: Kubeconfig,
    getToken: GetToken,
    signal: AbortSignal,
): Promise<Verification> {
    const result = newVerification();
    try {
        await checkCredentials(result, now, getToken, false, signal);
        return result;
    } catch (error) {
        throw withMade(result, error);
    }
}

function newVerification(...verified: Check[]): Verification {
    return { verified, notVerified: [], apiServerCertificate: null };
}

/** An error of a check as a verification throws it. */
function withMade(made: Verification, error: unknown): Error {
    if (error instanceof CheckFailed) {
        return error;
    }
    // On another connection the certificate was the right one: its replicas do not agree yet.
    return error instanceof ServerNotTrusted ? new CheckFailed(error.message) : new VerificationUnanswered(made, error);
}

/** Which CA the replicas of the API server show: `other` is neither the old one nor that of the credentials. */
type ReplicasCa = "new" | "old" | "other";

/**
 * Compares the CA of the API server on the connections of a thorough probe: each can meet another replica. Ends at the first
 * that does not show the CA of the credentials.
 *
 * @param oldCa PEM; undefined where only its fingerprints are on record
 */
async function probeReplicas(
    now: Kubeconfig,
    oldCa: string | undefined,
    signal: AbortSignal,
    clock: RepeatedProbe<Promise<unknown>, unknown>["clock"],
): Promise<ReplicasCa> {
    const caOf = ({ trusted, signed, chain }: Handshake): ReplicasCa => {
        if (oldCa && (trusted || signed)) {
            return "old";
        }
        return isSigned(chain, now.ca) ? "new" : "other";
    };
    return caOf(
        await drive(
            probeRepeatedly({
                ...THOROUGH_PROBE,
                clock,
                handshake: () => wait(shakeHands(now, oldCa || now.caCertificate, signal)),
                isConclusive: (handshake) => caOf(handshake) !== "new",
            }),
        ),
    );
}

/**
 * Adds to the result that the cluster CA and the credentials are accepted.
 *
 * @returns what has expired, so that the rest is not verified; undefined where nothing has
 */
async function checkCredentials(
    result: Verification,
    now: Kubeconfig,
    getToken: GetToken,
    isTokenKnown: boolean,
    signal: AbortSignal,
): Promise<string | undefined> {
    const { trusted, signed, reason, certificate } = await shakeHands(now, now.caCertificate, signal);
    result.apiServerCertificate = describeCertificate(certificate);
    if (!trusted) {
        const why = `the cluster CA does not verify the API server's certificate (${reason})`;
        if (signed && reason === "CERT_HAS_EXPIRED") {
            result.notVerified.push(
                { check: "newCaAccepted", reason: why },
                { check: "newCredentialsAccepted", reason: why },
            );
            return why;
        }
        const early =
            (signed ? notValidYet([certificate, ...now.ca], Date.now()) : undefined) ??
            (reason === "CERT_NOT_YET_VALID" ? "the clocks of this machine and of the cluster differ" : undefined);
        throw early === undefined ? new CheckFailed(why) : new CheckFailed(`${why}; ${early}`, setTheClock);
    }
    result.verified.push("newCaAccepted");
    const client = clientCertificate(now);
    if (client !== undefined && Date.parse(client.validTo) < Date.now()) {
        const expired = "the client certificate has expired";
        result.notVerified.push({ check: "newCredentialsAccepted", reason: expired });
        return expired;
    }
    const caller = now.signIn === undefined ? now : { token: await getToken(now.signIn) };
    const answer = await authenticate(now, now.caCertificate, caller, signal);
    if (answer === "refused") {
        throw now.signIn === undefined ? clientRefused(client) : tokenRefused(isTokenKnown);
    }
    if (answer === "authenticated") {
        result.verified.push("newCredentialsAccepted");
    } else {
        result.notVerified.push({ check: "newCredentialsAccepted", reason: answer.unanswerable });
    }
    return undefined;
}

const refused = "the API server does not accept the credentials";

function clientRefused(client: X509Certificate | undefined): CheckFailed {
    const early = client && notValidYet([client], Date.now());
    return early === undefined ? new CheckFailed(refused) : new CheckFailed(`${refused}; ${early}`, setTheClock);
}

function tokenRefused(isTokenKnown: boolean): CheckFailed {
    return isTokenKnown
        ? new CheckFailed(
              `${refused}: it refuses a token of Microsoft Entra ID of the kind that it accepted before the rotation`,
              askSupport,
              true,
          )
        : new CheckFailed(
              `${refused}: the token of this sign-in to Microsoft Entra ID is not one for it`,
              checkTheUser,
          );
}

/** Adds to the result whether the client certificate of before the rotation is refused. */
async function checkOldClient(
    result: Verification,
    now: Kubeconfig,
    before: Kubeconfig | undefined,
    signal: AbortSignal,
): Promise<void> {
    const check = "oldClientCertificateRefused";
    if (before?.client === undefined) {
        const reason =
            before === undefined
                ? "the process that held it has ended; it is kept nowhere"
                : "the old kubeconfig had no client certificate";
        result.notVerified.push({ check, reason });
        return;
    }
    const answer = await authenticate(now, now.caCertificate, { client: before.client }, signal);
    if (answer === "authenticated") {
        throw new CheckFailed("the API server still accepts the old client certificate");
    }
    if (answer === "refused") {
        result.verified.push(check);
    } else {
        result.notVerified.push({ check, reason: answer.unanswerable });
    }
}

const checkTheUser =
    "Check that the cluster's tenant (`az aks show --query aadProfile.tenantID`) is that of the sign-in, or set " +
    'credentials to "admin" where local accounts are allowed';

const askSupport =
    "This is on the cluster's side, not that of the sign-in: its API server asks a webhook of AKS about such tokens, which " +
    "a rotation renews too. Ask AKS support, with what is listed below and the time of this message";
