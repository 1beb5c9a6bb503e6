import { snapshotSeconds } from "../formats/intent";
import type { CheckedArguments } from "./arguments";

/** The variables of the rotator's settings. */
export const rotatorVariables = [
    "AKS_ROTATION_SUBSCRIPTION_ID",
    "AKS_ROTATION_RESOURCE_GROUP",
    "AKS_ROTATION_CLUSTER",
    "AKS_ROTATION_GENERATION",
    "AKS_ROTATION_CREDENTIALS",
    "AKS_ROTATION_VERIFY",
    "AKS_ROTATION_FORMAT",
    "AKS_ROTATION_SERVER_FQDN",
    "AKS_ROTATION_VERIFY_THROUGH",
    "AKS_ROTATION_SERVER_APPLICATION_ID",
    "AKS_ROTATION_RECORD_NAMESPACE",
    "AKS_ROTATION_STACK",
    "AKS_ROTATION_TIMEOUT_SECONDS",
    "AKS_ROTATION_SETTLE_TIMEOUT_SECONDS",
    "AKS_ROTATION_PREFLIGHT",
    "AKS_ROTATION_INTENT",
] as const;

/**
 * Variables that are emptied: what the environment of a `pulumi up` sets must not reach the rotator. The outputs of an outer
 * Command would be taken for the rotator's own earlier ones (the plugin sets these after the environment, where there are
 * any), and with NODE_DEBUG Node.js prints tokens and keys.
 */
const emptied = {
    PULUMI_COMMAND_STDOUT: "",
    PULUMI_COMMAND_STDERR: "",
    NODE_DEBUG: "",
    NODE_DEBUG_NATIVE: "",
} as const;

type Settings = Record<(typeof rotatorVariables)[number], string>;

/** The environment of a Command, all of it but the sign-in: a variable that has nothing to say is empty, and never left out. */
export type RotatorEnvironment = Settings & typeof emptied;

/** The names of all these variables. */
export const environmentNames = [...rotatorVariables, ...Object.keys(emptied)] as (keyof RotatorEnvironment)[];

/** The environment of the Command that takes the intent. */
export function snapshotEnvironment(args: CheckedArguments, stack: string): RotatorEnvironment {
    return {
        AKS_ROTATION_SUBSCRIPTION_ID: args.subscriptionId,
        AKS_ROTATION_RESOURCE_GROUP: args.resourceGroupName,
        AKS_ROTATION_CLUSTER: args.clusterName,
        AKS_ROTATION_GENERATION: String(args.rotationGeneration),
        AKS_ROTATION_CREDENTIALS: args.credentials,
        AKS_ROTATION_VERIFY: args.verify,
        AKS_ROTATION_FORMAT: args.format ?? "",
        AKS_ROTATION_SERVER_FQDN: args.serverFqdn ?? "",
        AKS_ROTATION_VERIFY_THROUGH: args.verifyThrough,
        AKS_ROTATION_SERVER_APPLICATION_ID: args.serverApplicationId ?? "",
        AKS_ROTATION_RECORD_NAMESPACE: args.recordNamespace,
        AKS_ROTATION_STACK: stack,
        // Where it is no shorter than the rotator's own limit it says nothing: changing it changes no intent.
        AKS_ROTATION_TIMEOUT_SECONDS: args.timeoutSeconds < snapshotSeconds ? String(args.timeoutSeconds) : "",
        AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: "",
        AKS_ROTATION_PREFLIGHT: "",
        AKS_ROTATION_INTENT: "",
        ...emptied,
    };
}

/** The environment of the Command that adopts and rotates. */
export function rotateEnvironment(args: CheckedArguments, stack: string, intent: string): RotatorEnvironment {
    return {
        ...snapshotEnvironment(args, stack),
        AKS_ROTATION_TIMEOUT_SECONDS: String(args.timeoutSeconds),
        AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: String(args.settleTimeoutSeconds),
        AKS_ROTATION_PREFLIGHT: args.preflight,
        AKS_ROTATION_INTENT: intent,
    };
}
