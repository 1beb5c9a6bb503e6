import {
    type ContainerServiceClientOptionalParams,
    type ContainerServiceContext,
    createContainerService,
} from "@azure/arm-containerservice/api";
import type { Cloud } from "./cloud";
import type { SignIn } from "./sign-in";
import { retryUnanswered } from "./unanswered";
import { userAgent } from "./user-agent";

/** The Azure SDK's client of AKS in one subscription, for this cloud and sign-in. */
export function client(
    subscriptionId: string,
    cloud: Cloud,
    { credential, connect }: Pick<SignIn, "credential" | "connect">,
    { additionalPolicies = [], ...options }: ContainerServiceClientOptionalParams,
): ContainerServiceContext {
    return createContainerService(credential, subscriptionId, {
        endpoint: cloud.resourceManager,
        credentials: { scopes: [cloud.scope] },
        apiVersion: "2026-04-01",
        userAgentOptions: { userAgentPrefix: userAgent },
        additionalPolicies: [...additionalPolicies, connect],
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
    return client(subscriptionId, cloud, signIn, {
        retryOptions: { maxRetries: 3, maxRetryDelayInMs: 10_000 },
        additionalPolicies: [retryUnanswered],
    });
}
