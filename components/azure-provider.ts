import * as authorization from "@pulumi/azure-native/authorization";
import { Provider as AzureProvider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { type AzureSignInArgs, configuredSignIn, withSecrets } from "./azure-sign-in";
import { explainAzure } from "./explain-azure";
import { unknownText } from "./unknown";

/**
 * An azure-native provider for a subscription or a sign-in that is not the ambient one; none where neither is named.
 *
 * @param signIn what it signs in with; where it is not given, with the stack's config for azure-native
 */
export function ownAzureProvider(
    parent: pulumi.Resource,
    name: string,
    subscriptionId: pulumi.Input<string> | undefined,
    signIn: AzureSignInArgs | undefined,
): pulumi.ProviderResource | undefined {
    if (subscriptionId === undefined && signIn === undefined) {
        return undefined;
    }
    const given = withSecrets(signIn ?? configuredSignIn() ?? {});
    // The SDK would say "public" where it is not told.
    const environment = given.environment ?? process.env.ARM_ENVIRONMENT;
    const subscription = subscriptionId ?? new pulumi.Config("azure-native").get("subscriptionId");
    return new AzureProvider(`${name}-azure`, { ...given, subscriptionId: subscription, environment }, { parent });
}

/** The ambient subscription, where it can be known without asking azure-native: from where azure-native has it too. */
export function ambientSubscription(given: pulumi.ProviderResource | undefined): string | undefined {
    return given === undefined
        ? (new pulumi.Config("azure-native").get("subscriptionId") ?? process.env.ARM_SUBSCRIPTION_ID)
        : undefined;
}

/** The credentials are read in azure-native's subscription: a cluster in another one must not get them. */
export function refuseOtherSubscription(subscriptionId: string, used: string): void {
    if (subscriptionId.toLowerCase() !== used.toLowerCase()) {
        throw new Error(
            `subscriptionId is ${subscriptionId}, but the azure-native provider of the component is for ${used}. ` +
                "Leave the argument out, or give a provider for that subscription.",
        );
    }
}

/**
 * The subscription that azure-native uses; unknown in a preview whose azure-native provider has inputs that are not known
 * yet: its answers are empty.
 *
 * @throws Error that says what to change, where azure-native cannot sign in
 */
export async function clientSubscription(opts: pulumi.InvokeOptions): Promise<string> {
    let answer: Partial<authorization.GetClientConfigResult>;
    try {
        answer = await authorization.getClientConfig(opts);
    } catch (error) {
        throw new Error(explainAzure((error as Error).message));
    }
    if (answer.subscriptionId === undefined && !pulumi.runtime.isDryRun()) {
        throw new Error("The azure-native provider does not say which subscription it is for.");
    }
    return answer.subscriptionId ?? unknownText;
}
