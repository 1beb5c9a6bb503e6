import {
    type ContainerServiceClientOptionalParams,
    type ContainerServiceContext,
    createContainerService,
} from "@azure/arm-containerservice/api";
import { apiVersionPolicy } from "./api-version";
import type { Cloud } from "./cloud";
import type { SignIn } from "./sign-in";
import { retryUnanswered } from "./unanswered";
import { userAgent } from "./user-agent";

/**
 * The Azure SDK's client of AKS in one subscription, for this cloud and sign-in.
 *
 * @param mayAskAgain whether a request may be sent again in another version of the API, where the cloud lacks this one
 */
export function client(
    subscriptionId: string,
    cloud: Cloud,
    { credential, connect }: Pick<SignIn, "credential" | "connect">,
    { additionalPolicies = [], ...options }: ContainerServiceClientOptionalParams,
    mayAskAgain = false,
): ContainerServiceContext {
    return createContainerService(credential, subscriptionId, {
        endpoint: cloud.resourceManager,
        credentials: { scopes: [cloud.scope] },
        apiVersion: "2026-04-01",
        userAgentOptions: { userAgentPrefix: userAgent },
        additionalPolicies: [
            onlyTo(cloud.resourceManager),
            ...additionalPolicies,
            apiVersionPolicy(mayAskAgain),
            connect,
        ],
        ...options,
    });
}

/**
 * The same, for requests that only read, and so may be sent again: where there is no answer, and where Azure asks for
 * patience (429), after the time that its `Retry-After` names.
 */
export function readingClient(
    subscriptionId: string,
    cloud: Cloud,
    signIn: Pick<SignIn, "credential" | "connect">,
): ContainerServiceContext {
    const retries = { maxRetries: 3, maxRetryDelayInMs: 10_000 };
    const options = { retryOptions: retries, additionalPolicies: [retryUnanswered] };
    return client(subscriptionId, cloud, signIn, options, true);
}

/** Refuses requests to any other host: the link to the next page of a list is from an answer, and the token would go there. */
function onlyTo(resourceManager: string): SignIn["connect"] {
    const { origin } = new URL(resourceManager);
    return {
        position: "perCall",
        policy: {
            name: "onlyTo",
            sendRequest(request, next) {
                const asked = new URL(request.url);
                if (asked.origin !== origin) {
                    throw new Error(`${asked.host} is not Azure Resource Manager (${origin}): no token is sent there.`);
                }
                return next(request);
            },
        },
    };
}
