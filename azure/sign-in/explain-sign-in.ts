import { aadsts, aadstsCode, type Clues, checkAll } from "../../formats/aadsts";
import { shorten } from "../arm-error";
import { describeSignIn } from "./clues";
import { wrongForDefault } from "./default-credential";
import { doubtfulFlags } from "./way";

/** Of a sign-in, what messages need. */
export interface SignInFacts {
    way: string;
    clues: Clues;
}

/**
 * What an error of the sign-in means to the person who runs `pulumi up`: the way, the client and the tenant, Azure's own
 * words, then what to change. Undefined where it is no error of the sign-in: Azure can quote Entra's words about another
 * identity, such as the cluster's service principal.
 *
 * @param env to name what is missing in it for DefaultAzureCredential, and flags that azure-native does not take
 */
export function explainSignIn(
    error: Error,
    signIn: SignInFacts,
    env: Record<string, string | undefined>,
): string | undefined {
    if (!SIGN_IN_ERRORS.has(error.name)) {
        return undefined;
    }
    const code = aadstsCode(error.message);
    const said = code === undefined ? firstLine(error.message) : azureWords(error.message);
    const who = describeSignIn(signIn);
    if (code !== undefined) {
        const advice = aadsts[code] ?? checkAll;
        return `Azure did not accept the sign-in (${who}): ${said}\n${advice(signIn.clues)}`;
    }
    if (error.name === "CredentialUnavailableError" || error.name === "AggregateAuthenticationError") {
        const wrong = signIn.way === "DefaultAzureCredential" ? wrongForDefault(env) : [];
        const advice = [...(wrong.length > 0 ? wrong : [unavailable(signIn.way, env)]), ...flags(env)];
        return `There are no Azure credentials (${who}): ${said}\n${advice.join(" ")}`;
    }
    return `Azure did not accept the sign-in (${who}): ${said}\n${checkAll(signIn.clues)}`;
}

/** Names of the errors with which the Azure SDK's credentials fail. */
const SIGN_IN_ERRORS = new Set([
    "AuthenticationError",
    "AuthenticationRequiredError",
    "CredentialUnavailableError",
    "AggregateAuthenticationError",
]);

function unavailable(way: string, env: Record<string, string | undefined>): string {
    if (way === "managed identity") {
        if (env.IDENTITY_ENDPOINT) {
            return (
                "It was asked for at IDENTITY_ENDPOINT: leave IDENTITY_ENDPOINT and IDENTITY_HEADER as Azure sets them for " +
                "this program, and let ARM_CLIENT_ID be the client id of an identity that is assigned to the app, or unset."
            );
        }
        return (
            "Run on a machine of Azure that has a managed identity; with more than one, set ARM_CLIENT_ID to the client id " +
            "of the one to use. Elsewhere unset ARM_USE_MSI and sign in by another way."
        );
    }
    if (way === "DefaultAzureCredential") {
        return (
            "Set AZURE_CLIENT_ID and AZURE_TENANT_ID with AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, give the machine " +
            "a managed identity, or run az login; or unset ARM_USE_DEFAULT_AZURE_CREDENTIAL."
        );
    }
    return (
        "Run az login, or set ARM_CLIENT_ID and ARM_TENANT_ID with ARM_CLIENT_SECRET, ARM_CLIENT_CERTIFICATE_PATH or " +
        "ARM_USE_OIDC=true, or ARM_USE_MSI=true."
    );
}

function flags(env: Record<string, string | undefined>): string[] {
    return doubtfulFlags(env).map(
        (name) => `${name} is "${env[name]}": azure-native and the rotation take "true" alone.`,
    );
}

/** Longest words of the sign-in service that are repeated, in characters: its longest ones quote a token's claims. */
const MAX_WORDS_LENGTH = 1000;

/** Azure's words from its code on, without the numbers and times behind them. */
function azureWords(message: string): string {
    const [words = ""] = firstLine(message.slice(message.search(/AADSTS\d/))).split("Trace ID:", 1);
    return shorten(words, MAX_WORDS_LENGTH);
}

/** The first line of what an error says: of a sign-in, more lines hold only numbers and times. */
export function firstLine(text: string): string {
    return text.split(/\r?\n/, 1)[0] ?? "";
}
