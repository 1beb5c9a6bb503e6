import { promises } from "node:fs";
import {
    createDefaultHttpClient,
    createHttpHeaders,
    createPipelineFromOptions,
    createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { connections } from "../connections";
import { isPassing, isUntrusted } from "../transient";
import { retryUnanswered } from "../unanswered";
import { userAgent } from "../user-agent";
import { SignInUnavailable } from "./outage";
import type { Environment } from "./way";

/** Where an OIDC token is from. */
export interface OidcSource {
    /** For messages. */
    way: string;
    /** The variable that leads to it. */
    variable: string;
    /** Gets the token: a new one each time, where there is one. */
    getToken(): Promise<string>;
}

/** Audience that Microsoft Entra ID wants, where ARM_OIDC_AUDIENCE names no other. */
const defaultAudience = "api://AzureADTokenExchange";

/**
 * The OIDC token that the environment leads to, in azure-native's order: the token itself, a file, and a URL at which a
 * pipeline's job asks for one, of GitHub Actions (also under the names ARM_OIDC_REQUEST_URL and _TOKEN) or Azure DevOps.
 *
 * @throws Error that says what is missing
 */
export function findOidcSource(env: Environment): OidcSource {
    const { ARM_OIDC_TOKEN: token, ARM_OIDC_TOKEN_FILE_PATH: file } = env;
    if (token) {
        return { way: "OIDC token", variable: "ARM_OIDC_TOKEN", getToken: async () => token.trim() };
    }
    if (file) {
        return { way: "OIDC token file", variable: "ARM_OIDC_TOKEN_FILE_PATH", getToken: () => readToken(file) };
    }
    const connection =
        env.ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID ||
        env.ARM_OIDC_AZURE_SERVICE_CONNECTION_ID ||
        env.AZURESUBSCRIPTION_SERVICE_CONNECTION_ID;
    const isGitHub = Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL || env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
    if (!isGitHub && (connection || env.SYSTEM_OIDCREQUESTURI)) {
        return azureDevOps(env, connection);
    }
    return gitHub(env);
}

function gitHub(env: Environment): OidcSource {
    const url = env.ARM_OIDC_REQUEST_URL || env.ACTIONS_ID_TOKEN_REQUEST_URL;
    const bearer = env.ARM_OIDC_REQUEST_TOKEN || env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
    if (!url || !bearer) {
        const missing = url
            ? "ACTIONS_ID_TOKEN_REQUEST_URL is set without ACTIONS_ID_TOKEN_REQUEST_TOKEN"
            : bearer
              ? "ACTIONS_ID_TOKEN_REQUEST_TOKEN is set without ACTIONS_ID_TOKEN_REQUEST_URL"
              : "there is no token";
        throw new Error(
            `ARM_USE_OIDC is set, but ${missing}: set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH, ` +
                "in GitHub Actions give the job the permission `id-token: write`, " +
                "and in Azure DevOps set ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID and map SYSTEM_ACCESSTOKEN.",
        );
    }
    const variable = env.ARM_OIDC_REQUEST_URL ? "ARM_OIDC_REQUEST_URL" : "ACTIONS_ID_TOKEN_REQUEST_URL";
    const request = parseUrl(url, variable);
    request.searchParams.set("audience", env.ARM_OIDC_AUDIENCE || defaultAudience);
    const advice = "The job needs the permission `id-token: write`, and its request token ends with the job.";
    return {
        way: "OIDC, GitHub Actions",
        variable,
        getToken: () => ask({ request, method: "GET", bearer, field: "value", variable, advice, env }),
    };
}

function azureDevOps(env: Environment, connection: string | undefined): OidcSource {
    const variable = env.SYSTEM_OIDCREQUESTURI ? "SYSTEM_OIDCREQUESTURI" : "ARM_OIDC_REQUEST_URL";
    const url = env[variable];
    const bearer = env.SYSTEM_ACCESSTOKEN || env.ARM_OIDC_REQUEST_TOKEN;
    const missing = [
        !url && "SYSTEM_OIDCREQUESTURI, which Azure Pipelines sets",
        !bearer && "SYSTEM_ACCESSTOKEN, which the pipeline must map: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`",
        !connection && "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID, the id of the service connection",
    ].filter(Boolean);
    if (!url || !bearer || !connection) {
        throw new Error(`To sign in to Azure with OIDC from Azure DevOps there is missing: ${missing.join("; ")}.`);
    }
    const request = parseUrl(url, variable);
    request.searchParams.set("api-version", "7.1");
    request.searchParams.set("serviceConnectionId", connection);
    const advice = `Check the service connection ${connection}, that the pipeline may use it, and SYSTEM_ACCESSTOKEN.`;
    return {
        way: "OIDC, Azure DevOps",
        variable,
        getToken: () => ask({ request, method: "POST", bearer, field: "oidcToken", variable, advice, env }),
    };
}

function parseUrl(url: string, variable: string): URL {
    if (!URL.canParse(url)) {
        throw new Error(`${variable} is no URL. The pipeline sets it; leave it as it is.`);
    }
    return new URL(url);
}

async function readToken(file: string): Promise<string> {
    const text = await promises.readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        throw new Error(
            `ARM_OIDC_TOKEN_FILE_PATH is "${file}", but that file cannot be read (${error.code === "EISDIR" ? "it is a directory" : (error.code ?? error.message)}).`,
        );
    });
    if (text.trim() === "") {
        throw new Error(`ARM_OIDC_TOKEN_FILE_PATH is "${file}", but that file is empty. It must hold the token alone.`);
    }
    if (text.includes("\0")) {
        throw new Error(
            `ARM_OIDC_TOKEN_FILE_PATH is "${file}", but that file is UTF-16 text, as PowerShell's > writes it. Save it as UTF-8.`,
        );
    }
    // A byte order mark is white space, too.
    return text.trim();
}

interface Request {
    request: URL;
    method: "GET" | "POST";
    bearer: string;
    /** Of the answer: where the token is. */
    field: string;
    variable: string;
    advice: string;
    env: Environment;
}

/** Of an answer only the status is told: what is in it could be a token. */
async function ask({ request, method, bearer, field, variable, advice, env }: Request): Promise<string> {
    const pipeline = createPipelineFromOptions({ userAgentOptions: { userAgentPrefix: userAgent } });
    pipeline.addPolicy(connections(env).policy);
    pipeline.addPolicy(retryUnanswered.policy, { afterPhase: "Retry" });
    const failed = (what: string, isOutage = false) => {
        const text = `The request for an OIDC token to ${request.host} (${variable}) ${what}. ${advice}`;
        return isOutage ? new SignInUnavailable(text) : new Error(text);
    };
    const { status, bodyAsText } = await pipeline
        .sendRequest(
            createDefaultHttpClient(),
            createPipelineRequest({
                url: request.href,
                method,
                headers: createHttpHeaders({
                    accept: "application/json",
                    authorization: `Bearer ${bearer}`,
                    "content-type": "application/json",
                    // Azure DevOps would answer with a page to sign in at.
                    "x-tfs-fedauthredirect": "Suppress",
                }),
                allowInsecureConnection: request.protocol === "http:",
            }),
        )
        .catch((error: Error) => {
            throw failed(`failed: ${error.message}`, !isUntrusted(error));
        });
    if (status !== 200) {
        throw failed(`was answered ${status}`, isPassing(status));
    }
    const token = parse(bodyAsText)?.[field];
    if (typeof token !== "string" || token === "") {
        throw failed("was answered without a token");
    }
    return token;
}

function parse(text: string | null | undefined): Record<string, unknown> | undefined {
    try {
        return JSON.parse(text ?? "");
    } catch {
        return undefined;
    }
}
