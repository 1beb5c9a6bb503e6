import { execFile } from "node:child_process";
import { CredentialUnavailableError, type TokenCredential } from "@azure/identity";

/** How long az may take to say it again, in milliseconds: as long as the Azure SDK gives it. */
const azMs = 15_000;

/**
 * Makes a credential of the az CLI tell Entra's own words: where az says with them that one is to log in anew, the Azure SDK
 * says only the latter, so az is asked again and its error is read. What it writes to stdout could be a token, and is not.
 *
 * @param subscription what az is asked for; it takes either that or a tenant
 * @param tenantId the one that is asked for where a call names none
 */
export function tellAzError(
    credential: TokenCredential,
    { subscription, tenantId }: { subscription: string | undefined; tenantId: string | undefined },
): TokenCredential {
    return {
        getToken: async (scopes, options) => {
            try {
                return await credential.getToken(scopes, options);
            } catch (error) {
                if (!/please run 'az login'/i.test((error as Error).message)) {
                    throw error;
                }
                const tenant = options?.tenantId ?? tenantId;
                const [scope = ""] = [scopes].flat();
                const said = await askAz([
                    "--resource",
                    scope.replace(/\/\.default$/, ""),
                    ...(tenant ? ["--tenant", tenant] : []),
                    ...(subscription ? ["--subscription", subscription] : []),
                ]);
                const words = /AADSTS\d[^\r\n]*/.exec(said)?.[0];
                throw words === undefined ? error : new CredentialUnavailableError(words);
            }
        },
    };
}

/** What az says on its stderr. The SDK has made sure that nothing in the arguments means something to a shell. */
function askAz(args: string[]): Promise<string> {
    const all = ["account", "get-access-token", "--output", "json", ...args];
    // On Windows az is a batch file, which only a shell runs.
    const options = { timeout: azMs, shell: process.platform === "win32", env: process.env };
    return new Promise((resolve) => execFile("az", all, options, (_error, _stdout, stderr) => resolve(stderr)));
}
