import { durationSeconds } from "./duration";

/** Values that the argument `credentials` can have. */
export const credentialKinds = ["user", "admin"] as const;

/** Values that the argument `verify` can have. */
export const verifyModes = ["required", "bestEffort", "off"] as const;

/** The arguments of the component as plain values, before they are checked. */
export interface PlainArguments {
    resourceGroupName: unknown;
    clusterName: unknown;
    rotationGeneration: unknown;
    subscriptionId: unknown;
    credentials: unknown;
    verify: unknown;
    timeout: unknown;
    settleTimeout: unknown;
}

/** The arguments, checked and complete. */
export interface CheckedArguments {
    resourceGroupName: string;
    clusterName: string;
    rotationGeneration: number;
    subscriptionId: string;
    credentials: (typeof credentialKinds)[number];
    verify: (typeof verifyModes)[number];
    timeoutSeconds: number;
    settleTimeoutSeconds: number;
}

/**
 * Checks the arguments, and fills in the defaults.
 *
 * @throws Error that lists every argument that is wrong, with what would be right
 */
export function checkArguments(args: PlainArguments): CheckedArguments {
    const wrong: string[] = [];
    const check = <T>(read: () => T): T => {
        try {
            return read();
        } catch (error) {
            wrong.push((error as Error).message);
            return undefined as T;
        }
    };
    const checked = {
        resourceGroupName: check(() => nonEmpty(args.resourceGroupName, "resourceGroupName")),
        clusterName: check(() => nonEmpty(args.clusterName, "clusterName")),
        rotationGeneration: check(() => generation(args.rotationGeneration)),
        subscriptionId: check(() => subscription(args.subscriptionId)),
        credentials: check(() => oneOf(args.credentials ?? "user", credentialKinds, "credentials")),
        verify: check(() => oneOf(args.verify ?? "required", verifyModes, "verify")),
        timeoutSeconds: check(() => durationSeconds(args.timeout ?? "60m", "timeout")),
        settleTimeoutSeconds: check(() => durationSeconds(args.settleTimeout ?? "10m", "settleTimeout")),
    };
    if (wrong.length > 0) {
        throw new Error(wrong.join("\n"));
    }
    return checked;
}

function generation(value: unknown): number {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
        const found = value === undefined ? "missing" : JSON.stringify(value);
        throw new Error(
            `rotationGeneration is ${found}, but must be a whole number, 0 or more. ` +
                "Raise it by one to rotate the cluster's certificates.",
        );
    }
    return value;
}

function subscription(value: unknown): string {
    if (typeof value !== "string" || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) {
        throw new Error(
            `subscriptionId is ${value === undefined || value === "" ? "missing" : JSON.stringify(value)}, but must be ` +
                "the id of an Azure subscription (a UUID). Set the argument, azure-native:subscriptionId or " +
                "ARM_SUBSCRIPTION_ID, or run `az account set`.",
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

function oneOf<T extends string>(value: unknown, values: readonly T[], what: string): T {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) {
        throw new Error(`${what} is ${JSON.stringify(value)}, but must be one of ${values.join(", ")}.`);
    }
    return found;
}
