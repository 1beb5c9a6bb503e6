import type { AccessToken } from "@azure/identity";
import { aksServerId, type SignInPlugin, signInProblem } from "../formats/kubeconfig";
import { firstLine } from "./explain";
import type { SignIn } from "./sign-in";

/** There is no token for a cluster with Microsoft Entra ID. */
export class ClusterTokenRefused extends Error {
    /** @param advice what to do about it; no full stop */
    constructor(
        message: string,
        readonly advice: string,
    ) {
        super(message);
    }
}

/** What a kubeconfig says of the token that it needs; without a server id it is the one that the settings allow. */
export type TokenRequest = Partial<SignInPlugin>;

/**
 * A token for an API server with Microsoft Entra ID, by the same sign-in as for Azure, as kubelogin would get one. Tokens
 * are requested for the AKS server application or for the one that the settings allow, for no other audience that a
 * kubeconfig names.
 *
 * @param serverApplicationId id of the server application, where it is not the one of AKS
 * @throws ClusterTokenRefused in Entra's own words, or where the kubeconfig asks for something else
 */
export async function clusterToken(
    signIn: SignIn,
    request: TokenRequest,
    abortSignal?: AbortSignal,
    serverApplicationId?: string,
): Promise<string> {
    return (await requestClusterToken(signIn, request, serverApplicationId, abortSignal)).token;
}

/** The same, with the time at which the token expires. */
export async function requestClusterToken(
    { credential, way }: SignIn,
    request: TokenRequest,
    serverApplicationId: string | undefined,
    abortSignal: AbortSignal | undefined,
): Promise<AccessToken> {
    const { serverId = serverApplicationId ?? aksServerId, tenantId } = request;
    const problem = signInProblem({ ...request, serverId }, serverApplicationId);
    if (problem !== undefined) {
        throw new ClusterTokenRefused(`No token was requested for the API server: ${problem.message}`, problem.advice);
    }
    const of = `application ${serverId}${tenantId === undefined ? "" : `, tenant ${tenantId}`}`;
    try {
        const token = await credential.getToken(`${serverId}/.default`, { tenantId, abortSignal });
        if (token !== null) {
            return token;
        }
    } catch (error) {
        abortSignal?.throwIfAborted();
        const message = firstLine((error as Error).message);
        throw new ClusterTokenRefused(
            `Microsoft Entra ID gave no token for the API server (${of}; ${way}): ${message}`,
            /not configured to acquire tokens for tenant/i.test(message)
                ? "Add the cluster's tenant to ARM_AUXILIARY_TENANT_IDS"
                : "Let this identity sign in to the cluster (its tenant and the AKS server application), or set credentials to " +
                      '"admin" where local accounts are allowed',
        );
    }
    throw new ClusterTokenRefused(
        `The sign-in (${way}) gave no token for the API server (${of})`,
        "Sign in to Azure anew",
    );
}
