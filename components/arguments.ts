import { durationSeconds } from "./duration";

/** Values that the argument `credentials` can have. */
export const credentialKinds = ["user", "admin"] as const;

/** Values that the argument `verify` can have. */
export const verifyModes = ["required", "bestEffort", "off"] as const;

/** Values that the argument `preflight` can have. */
export const preflightModes = ["required", "warn", "off"] as const;

/** The arguments of the component as plain values, before they are checked. */
export interface PlainArguments {
    resourceGroupName?: unknown;
    clusterName?: unknown;
    rotationGeneration?: unknown;
    subscriptionId?: unknown;
    credentials?: unknown;
    verify?: unknown;
    preflight?: unknown;
    timeout?: unknown;
    settleTimeout?: unknown;
}

/** The arguments, checked and complete. */
export interface CheckedArguments {
    resourceGroupName: string;
    clusterName: string;
    rotationGeneration: number;
    subscriptionId: string;
    credentials: (typeof credentialKinds)[number];
    verify: (typeof verifyModes)[number];
    preflight: (typeof preflightModes)[number];
    timeoutSeconds: number;
    settleTimeoutSeconds: number;
}

/** How each argument is read from a plain value; each throws an Error that says what would be right. */
const readers = {
    resourceGroupName: (value: unknown) => nonEmpty(value, "resourceGroupName"),
    clusterName: (value: unknown) => nonEmpty(value, "clusterName"),
    rotationGeneration: generation,
    subscriptionId: subscription,
    credentials: (value: unknown) => oneOf(value ?? "user", credentialKinds, "credentials"),
    verify: (value: unknown) => oneOf(value ?? "required", verifyModes, "verify"),
    preflight: (value: unknown) => oneOf(value ?? "required", preflightModes, "preflight"),
    timeout: (value: unknown) => durationSeconds(value ?? "60m", "timeout"),
    settleTimeout: (value: unknown) => durationSeconds(value ?? "10m", "settleTimeout"),
};

/** The names of all arguments. */
export const argumentNames = Object.keys(readers) as (keyof PlainArguments)[];

/**
 * Refuses arguments that are wrong.
 *
 * @param names the arguments to look at
 * @throws Error that lists every argument that is wrong, with what would be right
 */
export function refuseWrong(args: PlainArguments, names: (keyof PlainArguments)[]): void {
    const wrong = names.flatMap((name) => {
        try {
            readers[name](args[name]);
            return [];
        } catch (error) {
            return [(error as Error).message];
        }
    });
    if (wrong.length > 0) {
        throw new Error(wrong.join("\n"));
    }
}

/**
 * Checks the arguments, and fills in the defaults.
 *
 * @throws Error that lists every argument that is wrong, with what would be right
 */
export function checkArguments(args: PlainArguments): CheckedArguments {
    refuseWrong(args, argumentNames);
    return {
        resourceGroupName: readers.resourceGroupName(args.resourceGroupName),
        clusterName: readers.clusterName(args.clusterName),
        rotationGeneration: readers.rotationGeneration(args.rotationGeneration),
        subscriptionId: readers.subscriptionId(args.subscriptionId),
        credentials: readers.credentials(args.credentials),
        verify: readers.verify(args.verify),
        preflight: readers.preflight(args.preflight),
        timeoutSeconds: readers.timeout(args.timeout),
        settleTimeoutSeconds: readers.settleTimeout(args.settleTimeout),
    };
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
