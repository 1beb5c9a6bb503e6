import { PlainRunError } from "./plain-run-error";

/** The values of the arguments that take one of a few words. */
export const enumerations = {
    credentials: ["user", "admin"],
    format: ["exec", "azure"],
    serverFqdn: ["public", "private"],
    verify: ["required", "bestEffort", "off"],
    preflight: ["required", "warn", "off"],
    verifyThrough: ["direct", "runCommand"],
} as const;

/** Whose kubeconfig is read: the cluster user's or the cluster admin's. */
export type CredentialKind = (typeof enumerations.credentials)[number];

/** How the kubeconfig of a user of Microsoft Entra ID signs in: by kubelogin (`exec`), or by an auth-provider (`azure`). */
export type KubeconfigFormat = (typeof enumerations.format)[number];

/** Which of a private cluster's names the kubeconfig has for the API server. */
export type ServerFqdn = (typeof enumerations.serverFqdn)[number];

/** What the verification of a rotation must reach. */
export type VerifyMode = (typeof enumerations.verify)[number];

/** What a blocker that the preflight finds does: it stops the rotation, is a warning, or is not looked for. */
export type PreflightMode = (typeof enumerations.preflight)[number];

/** Where the requests to the API server come from: this machine, or a pod of the cluster. */
export type VerifyThrough = (typeof enumerations.verifyThrough)[number];

/** The arguments of `CertificateRotation` that take one of a few words. */
export interface EnumeratedArgs {
    credentials: CredentialKind;
    format: KubeconfigFormat;
    serverFqdn: ServerFqdn;
    verify: VerifyMode;
    preflight: PreflightMode;
    verifyThrough: VerifyThrough;
}

/**
 * Reads an argument that takes one of a few words from text, such as a value of stack config:
 *
 * ```ts
 * const config = new pulumi.Config();
 * new CertificateRotation("my-cluster", {
 *     // …
 *     verify: parseArgument("verify", config.get("verify")),
 * });
 * ```
 *
 * Text that is an output is read inside of it: `output.apply((text) => parseArgument("verify", text))`.
 *
 * @param argument the name of the argument
 * @param text its value; where it is undefined so is the result, and the argument has its default
 * @throws RunError that names the argument and the words that it takes
 */
export function parseArgument<Name extends keyof EnumeratedArgs>(argument: Name, text: string): EnumeratedArgs[Name];
export function parseArgument<Name extends keyof EnumeratedArgs>(
    argument: Name,
    text: string | undefined,
): EnumeratedArgs[Name] | undefined;
export function parseArgument(argument: keyof EnumeratedArgs, text: string | undefined): string | undefined {
    if (text === undefined) {
        return undefined;
    }
    try {
        return oneOf(text, argument);
    } catch (error) {
        throw new PlainRunError((error as Error).message);
    }
}

/**
 * Checks that a value is one of the words that an argument takes.
 *
 * @throws Error that names the argument and the words
 */
export function oneOf<Name extends keyof EnumeratedArgs>(value: unknown, argument: Name): EnumeratedArgs[Name] {
    const words: readonly string[] = enumerations[argument];
    if (typeof value !== "string" || !words.includes(value)) {
        throw new Error(`${argument} is ${JSON.stringify(value)}, but must be one of ${words.join(", ")}.`);
    }
    return value as EnumeratedArgs[Name];
}
