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

/**
 * A token for an API server with Microsoft Entra ID, by the same sign-in as for Azure, as kubelogin would get one.
 *
 * @param application id of the application that the token must be for
 * @param tenantId of the cluster; undefined: that of the sign-in
 * @throws ClusterTokenRefused in Entra's own words
 */
export async function clusterToken(
    { credential, way }: SignIn,
    { serverId, tenantId }: { serverId: string; tenantId?: string },
    abortSignal?: AbortSignal,
): Promise<string> {
    const of = `application ${serverId}${tenantId === undefined ? "" : `, tenant ${tenantId}`}`;
    try {
        const token = await credential.getToken(`${serverId}/.default`, { tenantId, abortSignal });
        if (token !== null) {
            return token.token;
        }
    } catch (error) {
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
