import * as pulumi from "@pulumi/pulumi";
import { type RotatorEnvironment, rotatorVariables } from "./rotator-environment";

/**
 * How to sign in to Azure: the arguments of an azure-native Provider that say so, under the same names. What is not given
 * comes from the environment, as azure-native has it. docs/sign-in.md has a table of the ways.
 */
export interface AzureSignInArgs {
    /** Application id of the service principal, or client id of a user-assigned managed identity. */
    clientId?: pulumi.Input<string>;
    /** The tenant to sign in to. */
    tenantId?: pulumi.Input<string>;
    /** Value of a secret of the service principal. */
    clientSecret?: pulumi.Input<string>;
    /** Path of the service principal's certificate with its key, PEM or PFX. */
    clientCertificatePath?: pulumi.Input<string>;
    /** Password of that file. */
    clientCertificatePassword?: pulumi.Input<string>;
    /** Sign in with an OIDC token. Default: false. */
    useOidc?: pulumi.Input<boolean>;
    /** The OIDC token. One that differs in each run belongs in the environment, as ARM_OIDC_TOKEN. */
    oidcToken?: pulumi.Input<string>;
    /** Path of a file that holds the OIDC token. */
    oidcTokenFilePath?: pulumi.Input<string>;
    /** URL at which a pipeline's job asks for an OIDC token, as GitHub Actions has it. */
    oidcRequestUrl?: pulumi.Input<string>;
    /** What the job shows there. */
    oidcRequestToken?: pulumi.Input<string>;
    /** Sign in as the machine's managed identity. Default: false. */
    useMsi?: pulumi.Input<boolean>;
    /** Sign in by the Azure SDK's DefaultAzureCredential. Default: false. */
    useDefaultAzureCredential?: pulumi.Input<boolean>;
    /** Other tenants in which tokens may be asked for. */
    auxiliaryTenantIds?: pulumi.Input<pulumi.Input<string>[]>;
    /** The cloud: public, china or usgovernment. Default: public. */
    environment?: pulumi.Input<string>;
    /** Host that tells where another cloud is. */
    metadataHost?: pulumi.Input<string>;
    /** Do not ask the public cloud about the sign-in service. Default: false. */
    disableInstanceDiscovery?: pulumi.Input<boolean>;
}

type Key = keyof AzureSignInArgs;

/** The variable that says the same, and whether it is a secret. Source: azure-native's readAuthConfig. */
const variables: Record<Key, { name: string; secret?: true }> = {
    clientId: { name: "ARM_CLIENT_ID" },
    tenantId: { name: "ARM_TENANT_ID" },
    clientSecret: { name: "ARM_CLIENT_SECRET", secret: true },
    clientCertificatePath: { name: "ARM_CLIENT_CERTIFICATE_PATH" },
    clientCertificatePassword: { name: "ARM_CLIENT_CERTIFICATE_PASSWORD", secret: true },
    useOidc: { name: "ARM_USE_OIDC" },
    oidcToken: { name: "ARM_OIDC_TOKEN", secret: true },
    oidcTokenFilePath: { name: "ARM_OIDC_TOKEN_FILE_PATH" },
    oidcRequestUrl: { name: "ARM_OIDC_REQUEST_URL" },
    oidcRequestToken: { name: "ARM_OIDC_REQUEST_TOKEN", secret: true },
    useMsi: { name: "ARM_USE_MSI" },
    useDefaultAzureCredential: { name: "ARM_USE_DEFAULT_AZURE_CREDENTIAL" },
    auxiliaryTenantIds: { name: "ARM_AUXILIARY_TENANT_IDS" },
    environment: { name: "ARM_ENVIRONMENT" },
    metadataHost: { name: "ARM_METADATA_HOSTNAME" },
    disableInstanceDiscovery: { name: "ARM_DISABLE_INSTANCE_DISCOVERY" },
};

const keys = Object.keys(variables) as Key[];

/** The variable that says the same, for each argument. */
export const signInVariables = Object.fromEntries(keys.map((key) => [key, variables[key].name]));

/** Variables of a Command; those that turn out to be undefined are not set. */
export type SignInEnvironment = Record<string, pulumi.Output<string | undefined>>;

/**
 * What the rotator is told of the sign-in, beside its environment: what `azure` says, else what the azure-native provider was
 * made with, else what the stack's config has for azure-native. Undefined where there is nothing to tell.
 */
export function signInEnvironment(
    azure: AzureSignInArgs | undefined,
    provider: pulumi.ProviderResource | undefined,
): SignInEnvironment | undefined {
    if (azure !== undefined) {
        return toVariables(azure);
    }
    if (provider !== undefined) {
        return toVariables(madeWith(provider));
    }
    const configured = configuredSignIn();
    return configured === undefined ? undefined : toVariables(configured);
}

/** What the stack's config has for azure-native of a sign-in; undefined where it has nothing. */
export function configuredSignIn(): AzureSignInArgs | undefined {
    const config = new pulumi.Config("azure-native");
    const found: Record<string, pulumi.Input<unknown>> = {};
    for (const key of keys) {
        // Any of them can have been set with --secret.
        const value = config.getSecret(key);
        if (value !== undefined) {
            found[key] = isText(key) ? value : value.apply(fromJson);
        }
    }
    return Object.keys(found).length === 0 ? undefined : (found as AzureSignInArgs);
}

/**
 * Refuses a sign-in that cannot be meant so.
 *
 * @throws Error that says what to change
 */
export function refuseWrongSignIn(
    azure: AzureSignInArgs | undefined,
    provider: pulumi.ProviderResource | undefined,
): void {
    if (azure === undefined) {
        return;
    }
    if (provider !== undefined) {
        throw new Error(
            "both azure and an azure-native provider say how to sign in to Azure. Leave one out: with azure the component " +
                "makes a provider itself.",
        );
    }
    const unknown = Object.keys(azure).filter((key) => !(key in variables));
    if (unknown.length > 0) {
        throw new Error(`azure has no ${unknown.join(", ")}. There are ${keys.join(", ")}.`);
    }
}

/**
 * The environment of a Command with the sign-in in it. Variable by variable, so that only those that are secret are so in
 * the state and in what a preview shows; and as it was where there is nothing to tell of the sign-in.
 */
export function withSignIn(
    environment: pulumi.Output<RotatorEnvironment>,
    signIn: SignInEnvironment | undefined,
): pulumi.Input<Record<string, pulumi.Input<string>>> {
    if (signIn === undefined) {
        return environment as pulumi.Output<Record<string, string>>;
    }
    const plain = Object.fromEntries(rotatorVariables.map((name) => [name, environment.apply((all) => all[name])]));
    return { ...plain, ...signIn } as Record<string, pulumi.Output<string>>;
}

/** An azure-native provider has an output for each of its arguments, though its type says nothing of them. */
function madeWith(provider: pulumi.ProviderResource): AzureSignInArgs {
    const outputs = provider as unknown as Record<string, unknown>;
    const found = keys.filter((key) => pulumi.Output.isInstance(outputs[key])).map((key) => [key, outputs[key]]);
    const made: AzureSignInArgs = Object.fromEntries(found);
    // The SDK says "public" where it was told nothing; azure-native has that from the environment's default too.
    const { environment, ...rest } = made;
    const told = pulumi
        .output(environment)
        .apply((name) => (name === "public" && !process.env.ARM_ENVIRONMENT ? undefined : name));
    return { ...rest, environment: told as pulumi.Output<string> };
}

function toVariables(args: AzureSignInArgs): SignInEnvironment {
    const given = keys.filter((key) => args[key] !== undefined);
    return Object.fromEntries(
        given.map((key) => {
            const { name, secret } = variables[key];
            const value = pulumi.output(args[key]).apply(toText);
            return [name, secret ? pulumi.secret(value) : value];
        }),
    );
}

/** As a provider's arguments are text in the state, and variables are anyway. */
function toText(value: unknown): string | undefined {
    return value === undefined || value === null || typeof value === "string"
        ? (value ?? undefined)
        : JSON.stringify(value);
}

function isText(key: Key): boolean {
    return !key.startsWith("use") && key !== "auxiliaryTenantIds" && key !== "disableInstanceDiscovery";
}

function fromJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
