import { isRestError } from "@azure/core-rest-pipeline";
import { bodyOf, shorten } from "./arm-error";
import { classifyOperationError } from "./azure-errors";
import type { ClusterNames } from "./cluster-names";
import { describeSignIn } from "./sign-in/clues";
import { explainSignIn, firstLine, type SignInFacts } from "./sign-in/explain-sign-in";
import { SignInUnavailable } from "./sign-in/outage";
import { isPassing, isUntrusted, ServiceUnavailable } from "./transient";

export { firstLine } from "./sign-in/explain-sign-in";

/**
 * RBAC actions that a rotation needs: to rotate, to read the cluster, and to read its credentials.
 *
 * @param throughCommand whether the API server is asked through runCommand
 */
export function neededActions(credentials: ClusterNames["credentials"], throughCommand = false): string[] {
    return [
        "Microsoft.ContainerService/managedClusters/read",
        credentialsAction[credentials],
        rotateAction,
        ...(throughCommand ? runCommandActions : []),
    ];
}

/** RBAC action that a rotation needs. Source: Azure's list of Microsoft.ContainerService permissions. */
export const rotateAction = "Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action";

/** RBAC actions that a verification through runCommand needs beside. Source: the same list. */
export const runCommandActions = [
    "Microsoft.ContainerService/managedClusters/runCommand/action",
    "Microsoft.ContainerService/managedClusters/commandResults/read",
];

const credentialsAction = {
    user: "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
    admin: "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
};

/** Longest message of Azure that is repeated in an error, in characters. */
const MAX_WORDS_LENGTH = 1000;

/** Whether waiting may mend it: the network, or the service itself, rather than the request. */
export function isTransient(error: unknown): boolean {
    if (isUntrusted(error)) {
        return false;
    }
    if (isRestError(error)) {
        return isPassing(error.statusCode);
    }
    const { name, code, statusCode } = error as { name?: string; code?: string; statusCode?: number };
    return (
        isAbort(error) ||
        error instanceof ServiceUnavailable ||
        (name === "AuthenticationError" && isPassing(statusCode)) ||
        /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|UND_ERR)/.test(code ?? "")
    );
}

/** Whether a request was given up, since no answer came in time. */
export function isAbort(error: unknown): boolean {
    return error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError");
}

/** An error in a few words, for a line of progress. */
export function wordsOf(error: unknown): string {
    const { code, message } = error as { code?: string; message?: string };
    return isAbort(error) ? "no answer in time" : shorten(firstLine(message || code || String(error)));
}

/** How an error is told to whoever reads it. */
export interface Telling {
    /** How one tries again, such as "run pulumi up again". */
    again: string;
    /** Whether that rotates. */
    rotates: boolean;
    /** What the settings are called there. Default: as the component's arguments. */
    settings?: SettingWords;
}

/** What settings are called. */
export interface SettingWords {
    subscription: string;
    resourceGroup: string;
    cluster: string;
    /** How the cluster user's credentials are chosen in place of the admin's. */
    toUser: string;
}

const argumentWords: SettingWords = {
    subscription: "subscriptionId",
    resourceGroup: "resourceGroupName",
    cluster: "clusterName",
    toUser: 'set credentials to "user"',
};

/**
 * What an error of Azure means to the person who runs `pulumi up`, or a command: Azure's own words, then what to change.
 *
 * @param names what was asked of; the cluster's are empty where it was a whole resource group or subscription
 * @param signIn the sign-in, for its errors
 * @param telling how it is told. Default: for an `up` that rotates
 */
export function explain(
    error: unknown,
    names: Omit<ClusterNames, "clusterId">,
    signIn: SignInFacts,
    { again, rotates, settings = argumentWords }: Telling = { again: "run pulumi up again", rotates: true },
): string {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const { subscriptionId, resourceGroupName, clusterName, credentials } = names;
    const way = describeSignIn(signIn);
    if (isRestError(error)) {
        if (isUntrusted(error)) {
            return (
                `The certificate of ${hostOf(error)} is not trusted (${error.code}): ${firstLine(message)}. If a private CA ` +
                "has signed it, or a proxy that reads along, set NODE_EXTRA_CA_CERTS or SSL_CERT_FILE to a PEM file with that CA."
            );
        }
        if (error.statusCode === 407) {
            return (
                "The proxy refuses to let the request through (407 Proxy Authentication Required). Set HTTPS_PROXY with its user " +
                "and password, http://user:password@host:port, or name Azure's hosts in NO_PROXY."
            );
        }
        if (error.statusCode === undefined) {
            return `Azure did not answer: ${firstLine(message)}. Check the network (proxy, firewall) and ${again}.`;
        }
        const said = `Azure answered ${error.statusCode} ${error.code ?? ""}: ${shorten(firstLine(message), MAX_WORDS_LENGTH)}`;
        switch (error.code) {
            case "SubscriptionNotFound":
                return `${said}\nThere is no subscription ${subscriptionId}, or not for this sign-in (${way}). Check ${settings.subscription} and the tenant.`;
            case "ResourceGroupNotFound":
                return `${said}\nThere is no resource group "${resourceGroupName}" in subscription ${subscriptionId}. Check ${settings.resourceGroup}.`;
            case "ResourceNotFound":
                return `${said}\nThere is no cluster "${clusterName}" in resource group "${resourceGroupName}". Check ${settings.cluster}. (A cluster that Azure Arc has connected, or a fleet's hub, is no AKS cluster.)`;
            case "InvalidAuthenticationTokenTenant":
                return `${said}\nThe sign-in (${way}) is in another tenant than subscription ${subscriptionId}. Set ARM_TENANT_ID to the tenant that Azure names.`;
            case "ExpiredAuthenticationToken":
            case "InvalidAuthenticationToken":
                return `${said}\nAzure does not take the token of the sign-in (${way}). Check the clock of this machine, ARM_TENANT_ID and ARM_ENVIRONMENT.`;
            case "AuthorizationFailed":
                if (/runCommand|commandResults/i.test(error.message)) {
                    return (
                        `${said}\nverifyThrough is "runCommand": the identity that signed in (${way}) needs the Azure RBAC ` +
                        `actions ${runCommandActions.join(" and ")} on the cluster too; the role "Azure Kubernetes Service ` +
                        'Contributor Role" has them. Or set verifyThrough to "direct" where the API server can be reached.'
                    );
                }
                return (
                    `${said}\nThe identity that signed in (${way}) needs the Azure RBAC actions ` +
                    `Microsoft.ContainerService/managedClusters/read${rotates ? "," : " and"} ` +
                    `${credentialsAction[credentials]}${rotates ? ` and ${rotateAction}` : ""} on the cluster; ` +
                    'the role "Azure Kubernetes Service Contributor Role" has them all.'
                );
        }
        if (/disable local accounts/i.test(error.message)) {
            const instead =
                credentials === "admin" ? settings.toUser : "enable Microsoft Entra ID on it, or its local accounts";
            return `${said}\nThe cluster "${clusterName}" has no local accounts: ${instead}.`;
        }
        const { advice } = classifyOperationError(bodyOf(error));
        return advice === undefined ? said : `${said}\n${advice}`;
    }
    if (isAbort(error)) {
        return `Azure did not answer in time. Check the network (proxy, firewall) and ${again}.`;
    }
    if (error instanceof SignInUnavailable) {
        return `Azure's sign-in service did not answer (${way}): ${firstLine(message).replace(/\.$/, "")}. Check the network (proxy, firewall) and ${again}.`;
    }
    return error instanceof Error ? (explainSignIn(error, signIn, process.env) ?? message) : message;
}

function hostOf({ request }: { request?: { url: string } }): string {
    return request !== undefined && URL.canParse(request.url) ? new URL(request.url).host : "the server";
}
