import { aadsts, aadstsCode } from "../formats/aadsts";
import type { CheckedArguments } from "./arguments";

type Names = Pick<CheckedArguments, "resourceGroupName" | "clusterName" | "subscriptionId" | "credentials">;

const unnamed: Names = { resourceGroupName: "?", clusterName: "?", subscriptionId: "?", credentials: "user" };

/**
 * What an error that azure-native reports means here: its own words, then what to change.
 *
 * @param message the error as azure-native tells it, with Azure's code in it
 * @param names what was asked for, where that is known
 */
export function explainAzure(message: string, names: Names = unnamed): string {
    // The name of the function that was called says nothing of the error.
    const said = message.replace(/listManagedCluster\w+/g, "");
    const found = advice.find(([code]) => code.test(said));
    return found === undefined ? message : `${message}\n${found[1](names, message)}`;
}

/** What to do about an error of the sign-in service. azure-native names the tenant in the address that it asked. */
function explainSignIn(message: string): string {
    const [, tenantId] = /\/([\da-f-]{36})\/oauth2\//i.exec(message) ?? [];
    const proof = "the secret, certificate or token that goes with them";
    const said = aadsts[aadstsCode(message) ?? 0];
    return said === undefined
        ? `Azure did not accept the sign-in. Check ARM_TENANT_ID, ARM_CLIENT_ID and ${proof}.`
        : `Azure did not accept the sign-in${tenantId ? ` in tenant ${tenantId}` : ""}. ${said({ tenantId, proof: "the sign-in's secret, certificate or token" })}`;
}

const advice: [code: RegExp, say: (names: Names, message: string) => string][] = [
    [
        /SubscriptionNotFound/,
        ({ subscriptionId }) =>
            `There is no subscription ${subscriptionId}, or not for this sign-in. Check subscriptionId and the tenant.`,
    ],
    [
        /ResourceGroupNotFound/,
        ({ resourceGroupName, subscriptionId }) =>
            `There is no resource group "${resourceGroupName}" in subscription ${subscriptionId}. Check resourceGroupName.`,
    ],
    [
        /ResourceNotFound|Status=404/,
        ({ clusterName, resourceGroupName }) =>
            `There is no cluster "${clusterName}" in resource group "${resourceGroupName}". Check clusterName.`,
    ],
    [
        /AuthorizationFailed/,
        ({ credentials }) =>
            "The identity that signed in needs the Azure RBAC action Microsoft.ContainerService/managedClusters/" +
            `listCluster${credentials === "admin" ? "Admin" : "User"}Credential/action on the cluster, and to rotate it ` +
            "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action.",
    ],
    [/AADSTS\d+/, (_names, message) => explainSignIn(message)],
    [
        /az login|no (Azure )?credentials|CredentialUnavailable|failed to (acquire|get) a token/i,
        () =>
            "There are no Azure credentials: set ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID, or ARM_USE_OIDC " +
            "or ARM_USE_MSI, or run az login.",
    ],
];
