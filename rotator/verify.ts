import type { X509Certificate } from "node:crypto";
import { describeCertificate } from "../formats/certificate";
import { clientCertificate, type Kubeconfig, type SignInPlugin } from "../formats/kubeconfig";
import { type Handshake, isAuthenticated, shakeHands } from "./api-server";
import { notValidYet, setTheClock } from "./clock-skew";
import { drive, wait } from "./drive";
import { monotonicClock } from "./monotonic-clock";
import { probeRepeatedly, type RepeatedProbe, THOROUGH_PROBE } from "./probe-server-ca";
import { CheckFailed, recordOldCa, type Verification } from "./verification";

/**
 * Gets a bearer token for a cluster with Microsoft Entra ID, where the kubeconfig names a program for it.
 *
 * @param plugin for which application the token is to be, and of which tenant
 * @throws ClusterTokenRefused when there is none
 */
export type GetToken = (plugin: Pick<SignInPlugin, "serverId" | "tenantId">) => Promise<string>;

/**
 * Checks a cluster's new credentials against its API server, and that the old ones are of no use any more.
 *
 * @param before the CA when the rotation was asked for, and the credentials of that time where this process has them
 * @param clock spreads the connections that the old CA is tried on
 * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
 */
export async function verifyRotation(
    now: Kubeconfig,
    before: { caCertificate: string | undefined; credentials: Kubeconfig | undefined },
    getToken: GetToken,
    signal: AbortSignal,
    clock: RepeatedProbe<Promise<unknown>, unknown>["clock"] = monotonicClock,
): Promise<Verification> {
    const stop = new AbortController();
    const tried = AbortSignal.any([signal, stop.signal]);
    const oldCa = before.caCertificate
        ? probeOldCa(now, before.caCertificate, tried, clock)
        : Promise.resolve(undefined);
    // Awaited below, unless the new credentials fail first.
    oldCa.catch(() => undefined);
    const { verified, notVerified, apiServerCertificate } = await verifyCredentials(now, getToken, signal).catch(
        (error) => {
            stop.abort();
            throw error;
        },
    );
    if (notVerified[0] !== undefined) {
        stop.abort();
        throw new CheckFailed(notVerified[0].reason);
    }
    const isOldCaInForce = await oldCa;
    if (isOldCaInForce) {
        throw new CheckFailed("the API server still has a certificate that the old CA verifies");
    }
    const result: Verification = {
        verified: ["provisioningState", "caChanged", ...verified],
        notVerified,
        apiServerCertificate,
    };
    recordOldCa(result, isOldCaInForce);
    const oldClient = before.credentials?.client;
    if (oldClient === undefined) {
        const reason =
            before.credentials === undefined
                ? "the process that held it has ended; it is kept nowhere"
                : "the old kubeconfig had no client certificate";
        result.notVerified.push({ check: "oldClientCertificateRefused", reason });
    } else if (await isAuthenticated(now, now.caCertificate, { client: oldClient }, signal)) {
        throw new CheckFailed("the API server still accepts the old client certificate");
    } else {
        result.verified.push("oldClientCertificateRefused");
    }
    return result;
}

/** Whether any of the connections of a thorough probe finds a certificate that the old CA has signed. */
async function probeOldCa(
    address: Kubeconfig,
    caCertificate: string,
    signal: AbortSignal,
    clock: RepeatedProbe<Promise<unknown>, unknown>["clock"],
): Promise<boolean> {
    const isInForce = ({ trusted, signed }: Handshake) => trusted || signed;
    const last = await drive(
        probeRepeatedly({
            ...THOROUGH_PROBE,
            clock,
            handshake: () => wait(shakeHands(address, caCertificate, signal)),
            isConclusive: isInForce,
        }),
    );
    return isInForce(last);
}

/**
 * Checks that a cluster's credentials work: the part of the verification that does not need a rotation. Where they have
 * expired, which a rotation mends, they are told to be not verified.
 *
 * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
 */
export async function verifyCredentials(
    now: Kubeconfig,
    getToken: GetToken,
    signal: AbortSignal,
): Promise<Verification> {
    const { trusted, signed, reason, certificate } = await shakeHands(now, now.caCertificate, signal);
    const apiServerCertificate = describeCertificate(certificate);
    if (!trusted) {
        const why = `the cluster CA does not verify the API server's certificate (${reason})`;
        if (signed && hasExpired([certificate, ...now.ca])) {
            const notVerified = (["newCaAccepted", "newCredentialsAccepted"] as const).map((check) => ({
                check,
                reason: why,
            }));
            return { verified: [], notVerified, apiServerCertificate };
        }
        const early =
            (signed ? notValidYet([certificate, ...now.ca], Date.now()) : undefined) ??
            (reason === "CERT_NOT_YET_VALID" ? "the clocks of this machine and of the cluster differ" : undefined);
        throw early === undefined ? new CheckFailed(why) : new CheckFailed(`${why}; ${early}`, setTheClock);
    }
    const client = clientCertificate(now);
    if (client !== undefined && hasExpired([client])) {
        const expired = { check: "newCredentialsAccepted" as const, reason: "the client certificate has expired" };
        return { verified: ["newCaAccepted"], notVerified: [expired], apiServerCertificate };
    }
    const caller = now.signIn === undefined ? now : { token: await getToken(now.signIn) };
    if (!(await isAuthenticated(now, now.caCertificate, caller, signal))) {
        const why = "the API server does not accept the credentials";
        if (now.signIn !== undefined) {
            throw new CheckFailed(
                `${why}: the token of this sign-in to Microsoft Entra ID is not one for it`,
                checkTheUser,
            );
        }
        const early = client && notValidYet([client], Date.now());
        throw early === undefined ? new CheckFailed(why) : new CheckFailed(`${why}; ${early}`, setTheClock);
    }
    return { verified: ["newCaAccepted", "newCredentialsAccepted"], notVerified: [], apiServerCertificate };
}

const checkTheUser =
    "Check that the cluster's tenant (`az aks show --query aadProfile.tenantID`) is that of the sign-in, or set " +
    'credentials to "admin" where local accounts are allowed';

function hasExpired(certificates: X509Certificate[]): boolean {
    return certificates.some(({ validTo }) => Date.parse(validTo) < Date.now());
}
