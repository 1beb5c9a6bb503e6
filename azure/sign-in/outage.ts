import { isRestError, type PipelinePolicy } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { isPassing, isUntrusted, ServiceUnavailable } from "../transient";

/** The sign-in service, or what hands out an OIDC token, gave no answer: a later request can succeed. */
export class SignInUnavailable extends ServiceUnavailable {
    override readonly name = "SignInUnavailable";
}

/**
 * Tells an outage of the sign-in service from a refusal: the Azure SDK reports both as an AuthenticationRequiredError,
 * without a status. What the requests came to is seen by a policy.
 *
 * @param isCertain whether the sign-in is set up for certain, as one by a secret is. Where it is not, as on a machine that may
 * have no managed identity, only a credential that has worked before can have an outage
 */
export function watchOutages(isCertain: boolean): {
    policy: { policy: PipelinePolicy; position: "perCall" };
    watch(credential: TokenCredential): TokenCredential;
} {
    let outage: string | undefined;
    let hasWorked = isCertain;
    const policy: PipelinePolicy = {
        name: "watchOutages",
        async sendRequest(request, next) {
            const { host } = new URL(request.url);
            try {
                const response = await next(request);
                outage = isPassing(response.status) ? `${host} answered ${response.status}` : undefined;
                return response;
            } catch (error) {
                const isOutage = isRestError(error) && isPassing(error.statusCode) && !isUntrusted(error);
                outage = isOutage ? error.message : undefined;
                throw error;
            }
        },
    };
    return {
        policy: { policy, position: "perCall" },
        watch: (credential) => ({
            getToken: async (...args) => {
                outage = undefined;
                try {
                    const token = await credential.getToken(...args);
                    hasWorked = true;
                    return token;
                } catch (error) {
                    const { cause } = error as Error;
                    if (cause instanceof SignInUnavailable) {
                        throw cause;
                    }
                    throw outage !== undefined && hasWorked && !args[1]?.abortSignal?.aborted
                        ? new SignInUnavailable(outage)
                        : error;
                }
            },
        }),
    };
}
