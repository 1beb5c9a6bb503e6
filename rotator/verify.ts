import { describeCertificate } from "../formats/certificate";
import { clientCertificate, type Kubeconfig } from "../formats/kubeconfig";
import type { Certificate, Check, RotationRecord } from "../formats/record";
import { isAuthenticated, isOfAnotherCa, shakeHands } from "./api-server";

/** What a verification found out. */
export interface Verification {
    verified: Check[];
    notVerified: RotationRecord["notVerified"];
    apiServerCertificate: Certificate | null;
}

/** The API server was asked and gave the wrong answer; perhaps it is not ready yet. */
export class CheckFailed extends Error {}

/** Gets a bearer token where the kubeconfig names a program for it. */
export type GetToken = () => Promise<string>;

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
 * Checks a cluster's new credentials against its API server, and that the old ones are of no use any more.
 *
 * @param before the CA when the rotation was asked for, and the credentials of that time where this process has them
 * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
 */
export async function verifyRotation(
    now: Kubeconfig,
    before: { caCertificate: string; credentials: Kubeconfig | undefined },
    getToken: GetToken,
    signal: AbortSignal,
): Promise<Verification> {
    const { verified, notVerified, apiServerCertificate } = await verifyAdoption(now, getToken, signal);
    const old = await shakeHands(now, before.caCertificate, signal);
    if (!isOfAnotherCa(old)) {
        throw new CheckFailed("the API server still has a certificate that the old CA verifies");
    }
    const result: Verification = {
        verified: ["provisioningState", "caChanged", ...verified, "oldCaRefused"],
        notVerified,
        apiServerCertificate,
    };
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

/**
 * Checks that a cluster's credentials work: the part of the verification that does not need a rotation.
 *
 * @throws CheckFailed when an answer is the wrong one; Error when there is no answer
 */
export async function verifyAdoption(now: Kubeconfig, getToken: GetToken, signal: AbortSignal): Promise<Verification> {
    const { trusted, reason, certificate } = await shakeHands(now, now.caCertificate, signal);
    if (!trusted) {
        throw new CheckFailed(`the cluster CA does not verify the API server's certificate (${reason})`);
    }
    const caller = now.exec === undefined ? now : { token: await getToken() };
    const expires = clientCertificate(now)?.validTo;
    if (!(await isAuthenticated(now, now.caCertificate, caller, signal))) {
        const age =
            expires !== undefined && Date.parse(expires) < Date.now() ? "; the client certificate has expired" : "";
        throw new CheckFailed(`the API server does not accept the credentials${age}`);
    }
    return {
        verified: ["newCaAccepted", "newCredentialsAccepted"],
        notVerified: [],
        apiServerCertificate: describeCertificate(certificate),
    };
}
