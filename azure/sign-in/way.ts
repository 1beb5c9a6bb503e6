/** The variables that say who signs in, and how. */
export type Environment = Record<string, string | undefined>;

/** A way to sign in. */
export type Way = "default" | "certificate" | "secret" | "oidc" | "managedIdentity" | "azCli";

/**
 * The way to sign in that azure-native takes with this environment. Source: azure-native's newSingleMethodAuthCredential,
 * whose order this is; a flag is set by "true" alone.
 */
export function wayOf(env: Environment): Way {
    if (env.ARM_USE_DEFAULT_AZURE_CREDENTIAL === "true") {
        return "default";
    }
    if (env.ARM_CLIENT_CERTIFICATE_PATH) {
        return "certificate";
    }
    if (env.ARM_CLIENT_SECRET) {
        return "secret";
    }
    if (env.ARM_USE_OIDC === "true") {
        return "oidc";
    }
    return env.ARM_USE_MSI === "true" ? "managedIdentity" : "azCli";
}

/** Flags whose value is neither "true" nor "false": azure-native takes them for not set. */
export function doubtfulFlags(env: Environment): string[] {
    return ["ARM_USE_DEFAULT_AZURE_CREDENTIAL", "ARM_USE_OIDC", "ARM_USE_MSI"].filter(
        (name) => env[name] && env[name] !== "true" && env[name] !== "false",
    );
}
