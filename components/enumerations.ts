import { PlainRunError } from "./plain-run-error";

/**
 * The arguments of `CertificateRotation` that take one of a few words. The words stand here, and not in the types below, so that
 * the compiler's errors list them.
 */
export interface EnumeratedArgs {
    /** Whose kubeconfig is read. */
    credentials: "user" | "admin";
    /** How the kubeconfig signs in. */
    format: "exec" | "azure";
    /** The API server's name in the kubeconfig. */
    serverFqdn: "public" | "private";
    /** What the verification must reach. */
    verify: "required" | "bestEffort" | "off";
    /** What a blocker does. */
    preflight: "required" | "warn" | "off";
    /** Where the requests to the API server come from. */
    verifyThrough: "direct" | "runCommand";
}

/** Whose kubeconfig is read: the cluster user's or the cluster admin's. */
export type CredentialKind = EnumeratedArgs["credentials"];

/** How the kubeconfig of a user of Microsoft Entra ID signs in: by kubelogin (`exec`), or by an auth-provider (`azure`). */
export type KubeconfigFormat = EnumeratedArgs["format"];

/** Which of a private cluster's names the kubeconfig has for the API server. */
export type ServerFqdn = EnumeratedArgs["serverFqdn"];

/** What the verification of a rotation must reach. */
export type VerifyMode = EnumeratedArgs["verify"];

/** What a blocker that the preflight finds does: it stops the rotation, is a warning, or is not looked for. */
export type PreflightMode = EnumeratedArgs["preflight"];

/** Where the requests to the API server come from: this machine, or a pod of the cluster. */
export type VerifyThrough = EnumeratedArgs["verifyThrough"];

/** The words that each of these arguments takes. */
export const enumerations: { readonly [Name in keyof EnumeratedArgs]: readonly EnumeratedArgs[Name][] } = {
    credentials: words<CredentialKind>({ user: true, admin: true }),
    format: words<KubeconfigFormat>({ exec: true, azure: true }),
    serverFqdn: words<ServerFqdn>({ public: true, private: true }),
    verify: words<VerifyMode>({ required: true, bestEffort: true, off: true }),
    preflight: words<PreflightMode>({ required: true, warn: true, off: true }),
    verifyThrough: words<VerifyThrough>({ direct: true, runCommand: true }),
};

/** The compiler refuses a word too many or too few. */
function words<Word extends string>(all: Record<Word, true>): Word[] {
    return Object.keys(all) as Word[];
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
    const known: readonly string[] = enumerations[argument];
    if (typeof value !== "string" || !known.includes(value)) {
        throw new Error(`${argument} is ${JSON.stringify(value)}, but must be one of ${known.join(", ")}.`);
    }
    return value as EnumeratedArgs[Name];
}
