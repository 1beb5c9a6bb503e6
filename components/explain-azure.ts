import { classifyOperationError } from "../azure/azure-errors";
import { aadsts, aadstsCode } from "../formats/aadsts";
import { inert } from "../formats/printable";
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
    // A pipeline that shows the message must not act on it.
    return inert(found === undefined ? message : `${message}\n${found[1](names, message)}`);
}

/** What holds the proof of a sign-in, by the name that azure-native, as the Azure SDK, has for its way. */
const proofs: Record<string, string> = {
    ClientSecretCredential: "ARM_CLIENT_SECRET (or clientSecret)",
    ClientCertificateCredential: "ARM_CLIENT_CERTIFICATE_PATH (or clientCertificatePath)",
    ClientAssertionCredential: "ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH or what the pipeline gives",
};

/** What to do about an error of the sign-in service. azure-native names the tenant in the address that it asked. */
function explainSignIn(message: string): string {
    const [, tenantId] = /\/([\da-f-]{36})\/oauth2\//i.exec(message) ?? [];
    const [way = ""] = /Client(Secret|Certificate|Assertion)Credential/.exec(message) ?? [];
    const proof = proofs[way] ?? "the secret, certificate or token";
    const said = aadsts[aadstsCode(message) ?? 0];
    const where = tenantId === undefined ? "" : ` in tenant ${tenantId}`;
    const what =
        said?.({ tenantId, proof }) ?? `Check ARM_TENANT_ID, ARM_CLIENT_ID and ${proof}, which goes with them.`;
    return `Azure did not accept the sign-in${where}. ${what}`;
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
            `There is no cluster "${clusterName}" in resource group "${resourceGroupName}". Check clusterName. (A cluster that Azure Arc has connected, or a fleet's hub, is no AKS cluster.)`,
    ],
    [
        /AuthorizationFailed/,
        ({ credentials }) =>
            "The identity that signed in needs the Azure RBAC action Microsoft.ContainerService/managedClusters/" +
            `listCluster${credentials === "admin" ? "Admin" : "User"}Credential/action on the cluster, and to rotate it ` +
            "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action.",
    ],
    [
        /disable local accounts/i,
        ({ credentials, clusterName }) =>
            `The cluster "${clusterName}" has no local accounts: ` +
            (credentials === "admin"
                ? 'set credentials to "user".'
                : "enable Microsoft Entra ID on it, or its local accounts."),
    ],
    // Entra's words about the cluster's service principal, not about the sign-in of this program.
    [
        /ServicePrincipal(ValidationClientError|Profile)/,
        (_names, message) => classifyOperationError(message).advice ?? "",
    ],
    [/AADSTS\d+/, (_names, message) => explainSignIn(message)],
    [
        /az login|no (Azure )?credentials|CredentialUnavailable|failed to (acquire|get) a token/i,
        () =>
            "There are no Azure credentials: set ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID, or ARM_USE_OIDC " +
            "or ARM_USE_MSI, or run az login.",
    ],
];
