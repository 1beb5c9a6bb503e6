import { readFileSync } from "node:fs";
import type { Clues } from "../../formats/aadsts";
import type { Environment } from "./way";

/**
 * What DefaultAzureCredential goes by, as far as variables tell: the first of its means that has all of them. Source:
 * @azure/identity's EnvironmentCredential and its default WorkloadIdentityCredential, in its order.
 *
 * @param env the environment of this process: nothing else is read by the Azure SDK
 * @param tenantId ARM_TENANT_ID, which counts for all means but the EnvironmentCredential
 */
export function defaultClues(env: Environment, tenantId: string | undefined): Clues {
    const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: azureTenant } = env;
    const variables = { clientId: "AZURE_CLIENT_ID", tenantId: tenantId ? "ARM_TENANT_ID" : "AZURE_TENANT_ID" };
    const secret = isTried("environmentcredential", env) ? secretOf(env) : undefined;
    if (secret !== undefined && azureTenant && clientId) {
        const ofSecret = { ...variables, tenantId: "AZURE_TENANT_ID" };
        return { tenantId: azureTenant, clientId, proof: secret, variables: ofSecret };
    }
    const of = { tenantId: tenantId || azureTenant || undefined, clientId: clientId || undefined, variables };
    const file = env.AZURE_FEDERATED_TOKEN_FILE;
    if (file && isTried("workloadidentitycredential", env)) {
        return { ...of, proof: `AZURE_FEDERATED_TOKEN_FILE ("${file}")` };
    }
    return { ...of, proof: "the managed identity or the tool that DefaultAzureCredential has found" };
}

/** What is wrong with the variables: what is missing beside those that are of no use alone, and a token file; sentences. */
export function wrongForDefault(env: Environment): string[] {
    const file = isTried("workloadidentitycredential", env) ? env.AZURE_FEDERATED_TOKEN_FILE : undefined;
    return [...missing(env), ...(file ? wrongFile(file) : [])];
}

function missing(env: Environment): string[] {
    const proof = secretOf(env) ?? (env.AZURE_FEDERATED_TOKEN_FILE ? "AZURE_FEDERATED_TOKEN_FILE" : undefined);
    const names = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"].filter((name) => !env[name]);
    return proof === undefined || names.length === 0
        ? []
        : [`${proof} is set without ${names.join(" and ")}, which must be of the application that it is for.`];
}

/** The Azure SDK does not say which file it could not use. */
function wrongFile(file: string): string[] {
    const is = `AZURE_FEDERATED_TOKEN_FILE is "${file}", but that file`;
    const advice =
        'AKS mounts it, and sets the variable, in pods with the label azure.workload.identity/use: "true" and a service ' +
        "account with the annotation azure.workload.identity/client-id.";
    try {
        return readFileSync(file, "utf8").trim() === "" ? [`${is} is empty. ${advice}`] : [];
    } catch (error) {
        return [`${is} cannot be read (${(error as NodeJS.ErrnoException).code}). ${advice}`];
    }
}

function secretOf(env: Environment): string | undefined {
    if (env.AZURE_CLIENT_SECRET) {
        return "AZURE_CLIENT_SECRET";
    }
    if (env.AZURE_CLIENT_CERTIFICATE_PATH) {
        return `AZURE_CLIENT_CERTIFICATE_PATH ("${env.AZURE_CLIENT_CERTIFICATE_PATH}")`;
    }
    return env.AZURE_USERNAME && env.AZURE_PASSWORD ? "AZURE_PASSWORD" : undefined;
}

/** Whether AZURE_TOKEN_CREDENTIALS leaves one of the means in. */
function isTried(means: string, env: Environment): boolean {
    const narrowed = env.AZURE_TOKEN_CREDENTIALS?.trim().toLowerCase() || "prod";
    return narrowed === "prod" || narrowed === means;
}
