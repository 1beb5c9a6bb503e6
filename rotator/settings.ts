import type { ClusterNames } from "../azure/cluster-names";
import { clusterId } from "../formats/cluster-id";
import { snapshotSeconds } from "../formats/intent";

/** What happens where the API server cannot be asked: an error, a note in the record, or it is not asked at all. */
export type VerifyMode = "required" | "bestEffort" | "off";

/** Whether a blocker that a preflight finds stops the rotation, is told, or no preflight is made. */
export type PreflightMode = "required" | "warn" | "off";

/** From where the API server is asked. */
export type VerifyThrough = "direct" | "runCommand";

/** What the component tells the rotator, through the environment of its Command. */
export interface Settings extends ClusterNames {
    generation: number;
    verify: VerifyMode;
    /** Whether the API server is asked from this machine, or by a command in the cluster. Default: `direct`. */
    verifyThrough?: VerifyThrough;
    /** The only application of Entra ID for which a cluster token is requested. Default: the AKS server application. */
    serverApplicationId?: string;
    /** Namespace of the ConfigMap that holds the rotation record in the cluster. Default: `default`. */
    recordNamespace?: string;
    /** Project and stack of the Pulumi program, `project/stack`. Default: not known. */
    stack?: string;
}

/** The settings of `adopt` and `rotate`, beside those of `snapshot`. */
export interface RotateSettings extends Settings {
    /** How long the rotation may take, from the start of this program. */
    timeoutSeconds: number;
    /** How long the credentials and the API server may take to follow, once Azure said Succeeded. */
    settleTimeoutSeconds: number;
    preflight: PreflightMode;
    /** The intent, as `snapshot` printed it. */
    intent: string;
}

const timeoutVariable = "AKS_ROTATION_TIMEOUT_SECONDS";

type Environment = Record<string, string | undefined>;

/**
 * Reads the settings of `snapshot`.
 *
 * @throws Error that names the variable which is missing or wrong
 */
export function readSettings(env: Environment): Settings {
    const subscriptionId = required(env, "AKS_ROTATION_SUBSCRIPTION_ID");
    const resourceGroupName = required(env, "AKS_ROTATION_RESOURCE_GROUP");
    const clusterName = required(env, "AKS_ROTATION_CLUSTER");
    return {
        subscriptionId,
        resourceGroupName,
        clusterName,
        clusterId: clusterId(subscriptionId, resourceGroupName, clusterName),
        generation: wholeNumber(env, "AKS_ROTATION_GENERATION"),
        credentials: oneOf(env, "AKS_ROTATION_CREDENTIALS", ["user", "admin"]),
        verify: oneOf(env, "AKS_ROTATION_VERIFY", ["required", "bestEffort", "off"]),
        format: oneOfOrNone(env, "AKS_ROTATION_FORMAT", ["exec", "azure"]),
        serverFqdn: oneOfOrNone(env, "AKS_ROTATION_SERVER_FQDN", ["public", "private"]),
        verifyThrough: oneOfOrNone(env, "AKS_ROTATION_VERIFY_THROUGH", ["direct", "runCommand"]),
        serverApplicationId: env.AKS_ROTATION_SERVER_APPLICATION_ID || undefined,
        recordNamespace: env.AKS_ROTATION_RECORD_NAMESPACE || undefined,
        stack: env.AKS_ROTATION_STACK || undefined,
    };
}

/**
 * How long `snapshot` may take, in seconds: as long as one may take at most, or the timeout where that is shorter.
 *
 * @throws Error that names the variable which is wrong
 */
export function readSnapshotSeconds(env: Environment): number {
    const given = env[timeoutVariable] ? wholeNumber(env, timeoutVariable) : snapshotSeconds;
    return Math.min(given, snapshotSeconds);
}

/**
 * Reads the settings of `adopt` and `rotate`.
 *
 * @throws Error that names the variable which is missing or wrong
 */
export function readRotateSettings(env: Environment): RotateSettings {
    return {
        ...readSettings(env),
        timeoutSeconds: wholeNumber(env, timeoutVariable),
        settleTimeoutSeconds: wholeNumber(env, "AKS_ROTATION_SETTLE_TIMEOUT_SECONDS"),
        preflight: env.AKS_ROTATION_PREFLIGHT
            ? oneOf(env, "AKS_ROTATION_PREFLIGHT", ["required", "warn", "off"])
            : "required",
        intent: required(env, "AKS_ROTATION_INTENT"),
    };
}

function required(env: Environment, name: string): string {
    const value = env[name];
    if (value === undefined || value === "") {
        throw new Error(`${name} is not set. The component CertificateRotation sets it; see --help.`);
    }
    return value;
}

function wholeNumber(env: Environment, name: string): number {
    const text = required(env, name);
    const number = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
        throw new Error(`${name} is "${text}", but must be a whole number, 0 or more.`);
    }
    return number;
}

function oneOf<T extends string>(env: Environment, name: string, values: readonly T[]): T {
    const text = required(env, name);
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) {
        throw new Error(`${name} is "${text}", but must be one of ${values.join(", ")}.`);
    }
    return value;
}

function oneOfOrNone<T extends string>(env: Environment, name: string, values: readonly T[]): T | undefined {
    return env[name] ? oneOf(env, name, values) : undefined;
}
