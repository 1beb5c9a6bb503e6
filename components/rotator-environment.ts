import { snapshotSeconds } from "../formats/intent";
import type { CheckedArguments } from "./arguments";

/** The variables that tell the rotator what to do: all of them, since beside a sign-in only these are passed on. */
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
    "AKS_ROTATION_TIMEOUT_SECONDS",
    "AKS_ROTATION_SETTLE_TIMEOUT_SECONDS",
    "AKS_ROTATION_PREFLIGHT",
    "AKS_ROTATION_INTENT",
] as const;

/** What the rotator is told. */
export type RotatorEnvironment = Partial<Record<(typeof rotatorVariables)[number], string>>;

/** The environment of the Command that takes the intent. */
export function snapshotEnvironment(args: CheckedArguments): RotatorEnvironment {
    return {
        AKS_ROTATION_SUBSCRIPTION_ID: args.subscriptionId,
        AKS_ROTATION_RESOURCE_GROUP: args.resourceGroupName,
        AKS_ROTATION_CLUSTER: args.clusterName,
        AKS_ROTATION_GENERATION: String(args.rotationGeneration),
        AKS_ROTATION_CREDENTIALS: args.credentials,
        AKS_ROTATION_VERIFY: args.verify,
        // Left out where they are not set: a stack that is there would see a change.
        ...(args.format && { AKS_ROTATION_FORMAT: args.format }),
        ...(args.serverFqdn && { AKS_ROTATION_SERVER_FQDN: args.serverFqdn }),
        ...(args.verifyThrough === "runCommand" && { AKS_ROTATION_VERIFY_THROUGH: args.verifyThrough }),
        ...(args.timeoutSeconds < snapshotSeconds && { AKS_ROTATION_TIMEOUT_SECONDS: String(args.timeoutSeconds) }),
    };
}

/** The environment of the Command that adopts and rotates. */
export function rotateEnvironment(args: CheckedArguments, intent: string): RotatorEnvironment {
    return {
        ...snapshotEnvironment(args),
        AKS_ROTATION_TIMEOUT_SECONDS: String(args.timeoutSeconds),
        AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: String(args.settleTimeoutSeconds),
        // The default is left out: the inputs of stacks that are there stay as they are.
        ...(args.preflight === "required" ? {} : { AKS_ROTATION_PREFLIGHT: args.preflight }),
        AKS_ROTATION_INTENT: intent,
    };
}
