import * as pulumi from "@pulumi/pulumi";
import { didYouMean } from "./nearest";
import { environmentNames, type RotatorEnvironment } from "./rotator-environment";

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

/** azure-native reads the audience from stack config alone: its Provider has no such argument. */
const ofConfigAlone = "oidcAudience";

type Key = keyof AzureSignInArgs | typeof ofConfigAlone;

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
    oidcAudience: { name: "ARM_OIDC_AUDIENCE" },
    oidcRequestToken: { name: "ARM_OIDC_REQUEST_TOKEN", secret: true },
    useMsi: { name: "ARM_USE_MSI" },
    useDefaultAzureCredential: { name: "ARM_USE_DEFAULT_AZURE_CREDENTIAL" },
    auxiliaryTenantIds: { name: "ARM_AUXILIARY_TENANT_IDS" },
    environment: { name: "ARM_ENVIRONMENT" },
    metadataHost: { name: "ARM_METADATA_HOSTNAME" },
    disableInstanceDiscovery: { name: "ARM_DISABLE_INSTANCE_DISCOVERY" },
};

/** A sign-in, wherever it is said. */
type SignIn = { [K in Key]?: pulumi.Input<unknown> };

const keys = Object.keys(variables) as Key[];

/** The variable that says the same, for each argument and key of stack config. */
export const signInVariables = Object.fromEntries(keys.map((key) => [key, variables[key].name]));

/** Variables of a Command. A promise, since which of them there are is known only once all outputs are. */
export type SignInEnvironment = Promise<Record<string, pulumi.Output<string>>>;

/** Whether one of these variables of a sign-in is a secret. */
export function hasSecret(names: readonly string[]): boolean {
    return Object.values(variables).some(({ name, secret }) => secret && names.includes(name));
}

/**
 * What the rotator is told of the sign-in, beside its environment: what `azure` says, else what the azure-native provider was
 * made with, else what the stack's config has for azure-native. Undefined where there is nothing to tell.
 *
 * @param resource warned of what the provider itself has in clear in the state, which is not ours to change
 */
export function signInEnvironment(
    azure: AzureSignInArgs | undefined,
    provider: pulumi.ProviderResource | undefined,
    resource: pulumi.Resource,
): SignInEnvironment | undefined {
    if (azure !== undefined) {
        return toVariables(azure);
    }
    if (provider !== undefined) {
        const made = madeWith(provider);
        return toVariables(made).then(async (told) => {
            await warnOfClear(made, resource);
            return told;
        });
    }
    const configured = configuredSignIn();
    return configured === undefined ? undefined : toVariables(configured);
}

/** Whether a sign-in of the program or of the stack's config has a secret, which is then an input of the Commands. */
export function hasSecretArgument(
    azure: AzureSignInArgs | undefined,
    provider: pulumi.ProviderResource | undefined,
): boolean {
    const given: SignIn = azure ?? (provider === undefined ? (configuredSignIn() ?? {}) : madeWith(provider));
    return keys.some((key) => variables[key].secret && given[key] !== undefined);
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
    const there: string[] = keys.filter((key) => key !== ofConfigAlone);
    const unknown = Object.keys(azure).filter((key) => !there.includes(key));
    if (unknown.length > 0) {
        const [first = ""] = unknown;
        const hint = unknown.length === 1 ? didYouMean(first, there) : "";
        throw new Error(`azure has no ${unknown.join(", ")}.${hint || ` There are ${there.join(", ")}.`}`);
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
        return environment;
    }
    const plain = Object.fromEntries(environmentNames.map((name) => [name, environment.apply((all) => all[name])]));
    return signIn.then((told) => ({ ...plain, ...told }));
}

/** An azure-native provider has an output for each argument that there is, though its type says nothing of them. */
function madeWith(provider: pulumi.ProviderResource): SignIn {
    const outputs = provider as unknown as Record<string, unknown>;
    return Object.fromEntries(
        keys.filter((key) => pulumi.Output.isInstance(outputs[key])).map((key) => [key, outputs[key]]),
    );
}

/** Says which secrets an azure-native provider has in clear in its own state: its SDK marks some, but no tokens. */
async function warnOfClear(made: SignIn, resource: pulumi.Resource): Promise<void> {
    for (const key of keys.filter((one) => variables[one].secret)) {
        const output = made[key] as { isSecret: Promise<boolean>; isKnown: Promise<boolean> } | undefined;
        // Of what is not known yet a preview does not know either whether it is a secret.
        const isClear = output !== undefined && (await output.isKnown) && !(await output.isSecret);
        if (isClear && (await isThere(made[key]))) {
            const file = key === "oidcToken" ? ", or oidcTokenFilePath in its place" : "";
            await pulumi.log.warn(
                `The azure-native provider of this component was made with ${key} in clear, and so it is in the stack's ` +
                    `state. Give it pulumi.secret(…)${file}; and let that token expire, or revoke it.`,
                resource,
            );
        }
    }
}

/** Of those that are there in the end: an output can turn out to be of nothing. */
async function toVariables(args: SignIn): SignInEnvironment {
    const told: Record<string, pulumi.Output<string>> = {};
    for (const key of keys) {
        const given = args[key] as pulumi.Input<string> | undefined;
        if (await isThere(given)) {
            const { name, secret } = variables[key];
            const value = pulumi.output(given).apply(toText);
            told[name] = secret ? pulumi.secret(value) : value;
        }
    }
    return told;
}

/**
 * Whether an argument has a value, or will have one. In a preview the SDK counts what a resource does not have as unknown:
 * only the promise of its own output, which the SDK's types do not show, tells it from what is not known yet.
 */
async function isThere(argument: pulumi.Input<unknown> | undefined): Promise<boolean> {
    const value = pulumi.Output.isInstance(argument)
        ? await (argument as unknown as { promise(withUnknowns: boolean): Promise<unknown> }).promise(true)
        : await argument;
    return value !== undefined && value !== null;
}

/**
 * The same arguments, with those that are secrets marked so: azure-native's own Provider leaves some in clear.
 */
export function withSecrets(args: AzureSignInArgs): AzureSignInArgs {
    const marked = keys
        .filter((key) => key !== ofConfigAlone)
        .filter((key) => variables[key].secret && args[key] !== undefined)
        .map((key) => [key, pulumi.secret(args[key])]);
    return { ...args, ...Object.fromEntries(marked) };
}

/** As a provider's arguments are text in the state, and variables are anyway. */
function toText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
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
