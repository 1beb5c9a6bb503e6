/** What is known of a sign-in, for messages; nothing secret. */
export interface Clues {
    /** Where it signs in; undefined where that is left to the means, as with the az CLI. */
    tenantId?: string;
    /** Who signs in; undefined where that is left to the means. */
    clientId?: string;
    /** What proves it: the variable that holds it or leads to it, such as ARM_CLIENT_SECRET. */
    proof: string;
    /** What says who signs in, and where, as messages name it. Default: ARM_CLIENT_ID and ARM_TENANT_ID. */
    variables?: { clientId: string; tenantId: string };
}

/** What to do about an error of the sign-in service, as it is said to the user. */
export type Advice = (clues: Clues) => string;

const client = ({ clientId }: Clues) => (clientId ? `client ${clientId}` : "the client");
const tenant = ({ tenantId }: Clues) => (tenantId ? `tenant ${tenantId}` : "the tenant");

const clientVariable = ({ variables }: Clues) => variables?.clientId ?? "ARM_CLIENT_ID";
const tenantVariable = ({ variables }: Clues) => variables?.tenantId ?? "ARM_TENANT_ID";
/** A pod has its token from the kubelet, and not from a pipeline. */
const isPod = ({ proof }: Clues) => proof.startsWith("AZURE_FEDERATED_TOKEN_FILE");

/** What goes together, where nothing more is known. */
export const checkAll: Advice = (clues) =>
    `Check ${tenantVariable(clues)}, ${clientVariable(clues)} and ${clues.proof}, which goes with them.`;

const federated =
    (what: string | Advice): Advice =>
    (clues) =>
        `No federated identity credential of ${client(clues)} has the ${typeof what === "string" ? what : what(clues)} of the token (${clues.proof}), letter by ` +
        "letter. Azure's message names the one that was shown: add a credential with it to the app registration or the " +
        "managed identity, or run the job that the credential was made for. A new one takes some minutes.";

/**
 * What to do about the errors that Microsoft Entra ID gives to programs, by their numbers. Source: Microsoft's list of
 * AADSTS error codes, and for the federated ones what users of azure/login and Azure Workload Identity report.
 */
export const aadsts: Record<number, Advice> = {
    7000215: (clues) =>
        `What is in ${clues.proof} is not a secret of ${client(clues)}. It must be the secret's value, not its id; secrets are shown ` +
        "once, when they are made. Make a new one if it is lost.",
    7000222: (clues) =>
        `The secret in ${clues.proof} has expired. Make a new one: az ad app credential reset --id ${clues.clientId ?? "…"} --append.`,
    7000218: (clues) => `No secret or certificate was sent. Check ${clues.proof}.`,
    700016: (clues) =>
        `In ${tenant(clues)} ${client(clues)} is not known. Check ${clientVariable(clues)} (the application id, not the object id) and ${tenantVariable(clues)}.`,
    7000229: (clues) =>
        `In ${tenant(clues)} there is no service principal of ${client(clues)}. Make one: az ad sp create --id ${clues.clientId ?? "…"}.`,
    7000112: (clues) => `In ${tenant(clues)} ${client(clues)} is disabled. Ask its administrator to enable it.`,
    90002: (clues) =>
        `In this cloud ${tenant(clues)} is not known. Check ${tenantVariable(clues)}, and ARM_ENVIRONMENT if it is not in the public cloud.`,
    900023: (clues) => `${tenantVariable(clues)} is neither a tenant's id nor one of its domains. Check it.`,
    900382: () => "The tenant is in another cloud. Set ARM_ENVIRONMENT to the cloud of the tenant.",
    900383: () => "The tenant is in another cloud. Set ARM_ENVIRONMENT to the cloud of the tenant.",
    50034: (clues) => `This tenant does not know the account. Check the account and ${tenantVariable(clues)}.`,
    500011: (clues) =>
        `The application that the token is for is not known in ${tenant(clues)}. Check ${tenantVariable(clues)}, and ARM_ENVIRONMENT for another cloud.`,
    700027: (clues) =>
        `The certificate (${clues.proof}) is not a valid one of ${client(clues)}: it is not registered there, or has ` +
        "expired. Azure's message says which. Upload the certificate to the app registration, or take the registered one.",
    700023: (clues) =>
        `The assertion was made for another tenant. Check ${tenantVariable(clues)} and ${clientVariable(clues)}, which ${clues.proof} goes with.`,
    700024: (clues) =>
        `The token (${clues.proof}) has expired, or the clock of this machine is wrong. ` +
        (isPod(clues)
            ? "The kubelet renews that file in a pod: let the program read the one that is mounted there, and no copy of it."
            : "A token of a pipeline lasts minutes: let the rotation ask for new ones (ACTIONS_ID_TOKEN_REQUEST_URL, " +
              "SYSTEM_OIDCREQUESTURI, or a file that is renewed) rather than give it one in ARM_OIDC_TOKEN."),
    50027: (clues) => `What is in ${clues.proof} is no token (JWT). It must be the token alone, without quotes.`,
    5002730: (clues) =>
        `What is in ${clues.proof} is no token (JWT) that can be used. It must be an id token of the issuer.`,
    50013: (clues) =>
        `The signature of the token (${clues.proof}) is not its issuer's. Take a token of the issuer that it names.`,
    50166: (clues) =>
        `Entra cannot read the keys of the token's issuer (${clues.proof}): its /.well-known/openid-configuration must be ` +
        "reachable from the internet.",
    70021: federated("issuer, subject and audience"),
    700211: federated("issuer"),
    700212: federated(
        (clues) => `audience (api://AzureADTokenExchange${isPod(clues) ? "" : ", unless ARM_OIDC_AUDIENCE is set"})`,
    ),
    700213: federated("subject"),
    7002137: federated("subject"),
    7002138: federated("subject, in the same upper and lower case,"),
    53003: (clues) =>
        `A Conditional Access policy of ${tenant(clues)} blocks this sign-in. Ask its administrator to let ${client(clues)} ` +
        "sign in from here (place, network, device), or run where it may.",
    50076: () =>
        "The tenant demands multifactor authentication. Run az login again, or use a service principal, which is not asked.",
    50079: () => "The tenant demands that the account registers for multifactor authentication. Run az login again.",
    50158: () => "The tenant demands another step of the sign-in. Run az login again.",
    50173: () =>
        "The sign-in is void since the password was changed, or the sessions were revoked. Run az login again.",
    50078: () => "Multifactor authentication has expired. Run az login again.",
    70043: () => "The sign-in has expired by a policy of the tenant. Run az login again.",
    700082: () => "The sign-in has expired since it was not used for long. Run az login again.",
    500133: (clues) =>
        `The token (${clues.proof}) is not within its time. Set the clock of this machine right, or get a new one.`,
};

/** The number of an error of the sign-in service; undefined where it has none. */
export function aadstsCode(message: string): number | undefined {
    const [, code] = /AADSTS(\d+)/.exec(message) ?? [];
    return code === undefined ? undefined : Number(code);
}
