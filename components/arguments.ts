import { type ClusterIdParts, fleetHub, parseClusterId } from "../formats/cluster-id";
import { durationSeconds } from "./duration";
import {
    type CredentialKind,
    type KubeconfigFormat,
    oneOf,
    type PreflightMode,
    type ServerFqdn,
    type VerifyMode,
    type VerifyThrough,
} from "./enumerations";

/** The arguments of the component as plain values, before they are checked. */
export interface PlainArguments {
    clusterId?: unknown;
    resourceGroupName?: unknown;
    clusterName?: unknown;
    rotationGeneration?: unknown;
    subscriptionId?: unknown;
    credentials?: unknown;
    format?: unknown;
    serverFqdn?: unknown;
    verify?: unknown;
    preflight?: unknown;
    verifyThrough?: unknown;
    serverApplicationId?: unknown;
    recordNamespace?: unknown;
    timeout?: unknown;
    settleTimeout?: unknown;
}

/** The arguments, checked and complete. */
export interface CheckedArguments {
    resourceGroupName: string;
    clusterName: string;
    rotationGeneration: number;
    subscriptionId: string;
    credentials: CredentialKind;
    /** Undefined: AKS's own default, which is `exec`. */
    format?: KubeconfigFormat;
    /** Undefined: AKS's own default. */
    serverFqdn?: ServerFqdn;
    verify: VerifyMode;
    preflight: PreflightMode;
    verifyThrough: VerifyThrough;
    /** Undefined: the AKS server application. */
    serverApplicationId?: string;
    recordNamespace: string;
    timeoutSeconds: number;
    settleTimeoutSeconds: number;
}

/** How each argument is read from a plain value; each throws an Error that says what would be right. */
const readers = {
    clusterId: (value: unknown) => (value === undefined ? undefined : idOfCluster(value)),
    resourceGroupName: (value: unknown) => nonEmpty(value, "resourceGroupName"),
    clusterName: (value: unknown) => nonEmpty(value, "clusterName"),
    rotationGeneration: generation,
    subscriptionId: subscription,
    credentials: (value: unknown) => oneOf(value ?? "user", "credentials"),
    format: (value: unknown) => (value === undefined ? undefined : oneOf(value, "format")),
    serverFqdn: (value: unknown) => (value === undefined ? undefined : oneOf(value, "serverFqdn")),
    verify: (value: unknown) => oneOf(value ?? "required", "verify"),
    preflight: (value: unknown) => oneOf(value ?? "required", "preflight"),
    verifyThrough: (value: unknown) => oneOf(value ?? "direct", "verifyThrough"),
    serverApplicationId: (value: unknown) => (value === undefined ? undefined : applicationId(value)),
    recordNamespace: (value: unknown) => namespace(value ?? "default"),
    timeout: (value: unknown) => durationSeconds(value ?? "60m", "timeout"),
    settleTimeout: (value: unknown) => durationSeconds(value ?? "10m", "settleTimeout"),
};

/**
 * Reads one argument from a plain value.
 *
 * @throws Error that says what would be right
 */
export function readArgument(name: keyof PlainArguments, value: unknown): void {
    readers[name](value);
}

/** The names of all arguments. */
export const argumentNames = Object.keys(readers) as (keyof PlainArguments)[];

/**
 * Refuses arguments that are wrong.
 *
 * @param names the arguments to look at
 * @throws Error that lists every argument that is wrong, with what would be right
 */
export function refuseWrong(args: PlainArguments, names: (keyof PlainArguments)[]): void {
    const byId = args.clusterId !== undefined;
    const wrong = names.flatMap((name) => {
        if (byId && (name === "resourceGroupName" || name === "clusterName")) {
            return args[name] === undefined
                ? []
                : [`${name} and clusterId both name the cluster. Leave one of the two out.`];
        }
        try {
            readers[name](args[name]);
            return [];
        } catch (error) {
            return [(error as Error).message];
        }
    });
    const hub = wrong.length === 0 ? hubNamed(args) : undefined;
    if (hub !== undefined) {
        wrong.push(hub);
    }
    if (args.format !== undefined && args.credentials === "admin") {
        wrong.push(
            'format is for users of Microsoft Entra ID, but credentials is "admin", a local account. ' +
                "Leave one of the two out.",
        );
    }
    if (wrong.length > 0) {
        throw new Error(wrong.join("\n"));
    }
}

/** That the arguments name a fleet's hub; undefined where they do not, or it is not known yet what they name. */
function hubNamed({ clusterId, resourceGroupName, clusterName }: PlainArguments): string | undefined {
    if (typeof clusterId === "string") {
        return fleetHub(parseClusterId(clusterId));
    }
    return typeof resourceGroupName === "string" && typeof clusterName === "string"
        ? fleetHub({ resourceGroupName, clusterName })
        : undefined;
}

/**
 * Checks the arguments, and fills in the defaults.
 *
 * @throws Error that lists every argument that is wrong, with what would be right
 */
export function checkArguments(args: PlainArguments): CheckedArguments {
    refuseWrong(args, argumentNames);
    const subscriptionId = readers.subscriptionId(args.subscriptionId);
    return {
        ...namesOf(args, subscriptionId),
        rotationGeneration: readers.rotationGeneration(args.rotationGeneration),
        subscriptionId,
        credentials: readers.credentials(args.credentials),
        format: readers.format(args.format),
        serverFqdn: readers.serverFqdn(args.serverFqdn),
        verify: readers.verify(args.verify),
        preflight: readers.preflight(args.preflight),
        verifyThrough: readers.verifyThrough(args.verifyThrough),
        serverApplicationId: readers.serverApplicationId(args.serverApplicationId),
        recordNamespace: readers.recordNamespace(args.recordNamespace),
        timeoutSeconds: readers.timeout(args.timeout),
        settleTimeoutSeconds: readers.settleTimeout(args.settleTimeout),
    };
}

/**
 * The resource group and the name of the cluster, from wherever the arguments have them.
 *
 * @param subscriptionId that is used
 * @throws Error when `clusterId` is not the id of a managed cluster, or of one in another subscription
 */
export function namesOf(
    args: Pick<PlainArguments, "clusterId" | "resourceGroupName" | "clusterName">,
    subscriptionId: string,
): Pick<CheckedArguments, "resourceGroupName" | "clusterName"> {
    const parts = readers.clusterId(args.clusterId);
    if (parts === undefined) {
        const { resourceGroupName, clusterName } = args;
        return {
            resourceGroupName: readers.resourceGroupName(resourceGroupName),
            clusterName: readers.clusterName(clusterName),
        };
    }
    if (parts.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()) {
        throw new Error(
            `clusterId is of the subscription ${parts.subscriptionId}, but the component works in ${subscriptionId}. ` +
                "Set subscriptionId to the cluster's, or give an azure-native provider for that.",
        );
    }
    return { resourceGroupName: parts.resourceGroupName, clusterName: parts.clusterName };
}

function idOfCluster(value: unknown): ClusterIdParts {
    try {
        return parseClusterId(typeof value === "string" ? value : JSON.stringify(value));
    } catch (error) {
        throw new Error(`clusterId: ${(error as Error).message}`);
    }
}

function generation(value: unknown): number {
    if (isTooLarge(value)) {
        const found = typeof value === "number" ? value : JSON.stringify(value);
        throw new Error(`rotationGeneration is ${found}, but must be at most ${Number.MAX_SAFE_INTEGER}.`);
    }
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
        const found = value === undefined ? "missing" : typeof value === "number" ? value : JSON.stringify(value);
        throw new Error(
            `rotationGeneration is ${found}, but must be a whole number, 0 or more. ` +
                "Raise it by one to rotate the cluster's certificates.",
        );
    }
    return value;
}

/** Whether a value is a number above the largest generation, or the digits of one. */
function isTooLarge(value: unknown): boolean {
    const isNumber = typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value));
    return isNumber && Number(value) > Number.MAX_SAFE_INTEGER;
}

function subscription(value: unknown): string {
    if (!isUuid(value)) {
        throw new Error(
            `subscriptionId is ${value === undefined ? "missing" : JSON.stringify(value)}, but must be ` +
                "the id of an Azure subscription (a UUID). Set the argument, azure-native:subscriptionId or " +
                "ARM_SUBSCRIPTION_ID, or run `az account set`.",
        );
    }
    return value;
}

function applicationId(value: unknown): string {
    if (!isUuid(value)) {
        throw new Error(
            `serverApplicationId is ${JSON.stringify(value)}, but must be the id of an application of Microsoft Entra ID (a UUID).`,
        );
    }
    return value;
}

function isUuid(value: unknown): value is string {
    return typeof value === "string" && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
}

function namespace(value: unknown): string {
    if (typeof value !== "string" || !/^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/.test(value)) {
        throw new Error(
            `recordNamespace is ${JSON.stringify(value)}, but must be the name of a Kubernetes namespace: lower-case letters, ` +
                "digits and hyphens, at most 63.",
        );
    }
    return value;
}

function nonEmpty(value: unknown, what: string): string {
    if (typeof value !== "string" || value.trim() === "") {
        throw new Error(`${what} is ${value === undefined ? "missing" : JSON.stringify(value)}, but must be a name.`);
    }
    return value;
}
