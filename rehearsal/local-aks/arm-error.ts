/** A refusal of Azure Resource Manager, or of a service behind it. */
export class ArmError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        /** `arm`: `{error: {code, message}}`. `aks`: as AKS itself answers, without the envelope. */
        readonly shape: "arm" | "aks" = "arm",
        readonly headers: Record<string, string> = {},
    ) {
        super(message);
    }

    /** The answer's body. */
    body(): object {
        const { code, message } = this;
        return this.shape === "arm" ? { error: { code, message } } : { code, details: null, message, subcode: "" };
    }
}

/** No such subscription, or none that the client may see. */
export function subscriptionNotFound(id: string): ArmError {
    return new ArmError(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`);
}

/** No such resource group. */
export function resourceGroupNotFound(name: string): ArmError {
    return new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/** No such cluster. */
export function clusterNotFound(resourceGroup: string, name: string): ArmError {
    return resourceNotFound(resourceGroup, "Microsoft.ContainerService/managedClusters", name);
}

/** No such resource. */
export function resourceNotFound(resourceGroup: string, type: string, name: string): ArmError {
    return new ArmError(
        404,
        "ResourceNotFound",
        `The Resource '${type}/${name}' under resource group '${resourceGroup}' ` +
            "was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    );
}

/** The request lacks its api-version. */
export function missingApiVersion(): ArmError {
    return new ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    );
}

/** This cloud has no such version of the API of managed clusters. Words are Resource Manager's. */
export function noRegisteredProvider(version: string, supported: readonly string[]): ArmError {
    return new ArmError(
        400,
        "NoRegisteredProviderFound",
        `No registered resource provider found for location 'westeurope' and API version '${version}' for type ` +
            `'managedClusters'. The supported api-versions are '${supported.join(", ")}'. The supported locations are ` +
            "'westeurope, northeurope'.",
    );
}

/** The client lacks the right. */
export function authorizationFailed(clientId: string, objectId: string, action: string, scope: string): ArmError {
    return new ArmError(
        403,
        "AuthorizationFailed",
        `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action ` +
            `'${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please ` +
            "refresh your credentials.",
    );
}

/** Another operation runs on the cluster. Shape and words are AKS's. */
export function operationInProgress(provisioningState: string, operationId: string, started: Date): ArmError {
    // RotatingClusterCertificates → rotating cluster certificates
    const what = provisioningState.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
    return new ArmError(
        409,
        "OperationNotAllowed",
        `Operation is not allowed because there's an in progress ${what} operation (operation ID: ${operationId}) on ` +
            `the managed cluster started on UTC ${started.toISOString().replace(/\.\d+Z$/, "Z")}. Please wait for it to ` +
            "finish before starting a new operation. You can also use 'az aks operation-abort ...' to abort the " +
            "ongoing operation.",
        "aks",
    );
}

/** No operation runs that could be ended. */
export function noOperation(): ArmError {
    return new ArmError(409, "OperationNotAllowed", "No operation runs on the managed cluster.");
}

/** Local accounts are disabled, so nobody gets their credentials. Words are AKS's. */
export function localAccountsDisabled(): ArmError {
    return new ArmError(
        400,
        "BadRequest",
        "Getting static credential is not allowed because this cluster is set to disable local accounts.",
        "aks",
    );
}

/** A command on a cluster with Microsoft Entra ID needs the token of a user of it. Code and words are AKS's. */
export function tokenMissing(): ArmError {
    const message = "This cluster have Azure Active Directory enabled, .clusterToken is required.";
    return new ArmError(400, "MissingAADClusterToken", message, "aks");
}

/** `apiServerAccessProfile.disableRunCommand` is set. The words are not AKS's own. */
export function commandsDisabled(): ArmError {
    return new ArmError(400, "BadRequest", "Run command is disabled for this managed cluster.", "aks");
}

/** A stopped cluster has no nodes for a pod. The words are not AKS's own. */
export function stoppedForCommands(): ArmError {
    return new ArmError(400, "BadRequest", "Run command is not possible: the managed cluster is stopped.", "aks");
}
