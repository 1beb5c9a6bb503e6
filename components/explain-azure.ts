import { classifyOperationError } from "../azure/azure-errors";
import { aadsts, aadstsCode } from "../formats/aadsts";
import { inert } from "../formats/printable";
import type { CheckedArguments } from "./arguments";

type Names = Pick<CheckedArguments, "resourceGroupName" | "clusterName" | "subscriptionId" | "credentials">;

const unnamed: Names = { resourceGroupName: "?", clusterName: "?", subscriptionId: "?", credentials: "user" };

/**
 * Explains an error that azure-native reports: what is missing and what to check, or Azure's own words and then what to
 * change. An error that is not known here is left as it is.
 *
 * @param message the error as azure-native words it, with Azure's code in it
 * @param names what was asked for, where that is known
 */
export function explainAzure(message: string, names: Names = unnamed): string {
    // The name of the function that was called says nothing of the error.
    const said = message.replace(/listManagedCluster\w+/g, "");
    const absent = missing.find(([code]) => code.test(said));
    if (absent !== undefined) {
        const { status, code } = answerIn(message) ?? {};
        return inert(absent[1](names, ` (Azure: ${code || status || "404"})`));
    }
    const found = advice.find(([code]) => code.test(said));
    // A pipeline that shows the message must not act on it.
    return inert(found === undefined ? message : `${ownWords(message)}\n${found[1](names, message)}`);
}

interface Answer {
    status: string;
    code: string;
    /** Azure's own message; empty where there is none. */
    text: string;
}

/** The answer of Azure Resource Manager that azure-native writes into an error; undefined where there is none. */
function answerIn(message: string): Answer | undefined {
    const match = /Status=(\d+)(?: Code="([^"]*)")?(?: Message=("(?:[^"\\]|\\.)*"))?/.exec(message);
    if (match === null) {
        return undefined;
    }
    const [, status = "", code = "", quoted = '""'] = match;
    return { status, code, text: unquoted(quoted) };
}

/** What Azure, or the sign-in, said: without the names of azure-native's functions and the address around it. */
function ownWords(message: string): string {
    const answer = answerIn(message);
    if (answer === undefined) {
        return message.replace(/^invocation of \S+ returned an error: /, "");
    }
    const { status, code, text } = answer;
    return `Azure answered ${status} ${code}${text && `: ${text}`}`;
}

/** azure-native quotes as Go does, which is as JSON does for all that Azure writes. */
function unquoted(text: string): string {
    try {
        return JSON.parse(text);
    } catch {
        return text.slice(1, -1);
    }
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

/** What Azure does not have; its own words add nothing to that but the code. */
const missing: [code: RegExp, say: (names: Names, code: string) => string][] = [
    [
        /SubscriptionNotFound/,
        ({ subscriptionId }, code) =>
            `There is no subscription ${subscriptionId}${code}, or not for this sign-in. Check subscriptionId and the tenant.`,
    ],
    [
        /ResourceGroupNotFound/,
        ({ resourceGroupName, subscriptionId }, code) =>
            `There is no resource group "${resourceGroupName}" in subscription ${subscriptionId}${code}. Check resourceGroupName.`,
    ],
    [
        /ResourceNotFound|Status=404/,
        ({ clusterName, resourceGroupName }, code) =>
            `There is no cluster "${clusterName}" in resource group "${resourceGroupName}"${code}. Check clusterName. ` +
            "(A cluster that Azure Arc has connected, or a fleet's hub, is no AKS cluster.)",
    ],
];

const advice: [code: RegExp, say: (names: Names, message: string) => string][] = [
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
