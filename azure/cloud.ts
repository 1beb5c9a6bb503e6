import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import { problems } from "../formats/document";
import { connections } from "./connections";
import { exemptLocalEndpoints } from "./local-endpoints";
import { azCliCloud } from "./sign-in/az-cli-cloud";
import { wayOf } from "./sign-in/way";
import { retryUnanswered } from "./unanswered";
import { userAgent } from "./user-agent";

/** Where one Azure cloud is: its Resource Manager and its sign-in service. */
export interface Cloud {
    /** URL of Azure Resource Manager. */
    resourceManager: string;
    /** URL of the sign-in service. */
    authority: string;
    /** Scope of a token for Azure Resource Manager. */
    scope: string;
}

/** Source: the Azure SDK's `AzureAuthorityHosts` and the clouds' published Resource Manager endpoints. */
const clouds = {
    public: cloud("https://management.azure.com", "https://login.microsoftonline.com"),
    usgovernment: cloud("https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
    china: cloud("https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
};

type CloudName = keyof typeof clouds;

/** Other names that azure-native takes, and az's own, in lower case. */
const otherNames: Record<string, CloudName> = {
    azurecloud: "public",
    azurechinacloud: "china",
    usgov: "usgovernment",
    azureusgovernment: "usgovernment",
    azureusgovernmentcloud: "usgovernment",
    usgovernmentl4: "usgovernment",
};

const Metadata = z.object({
    resourceManager: z.url(),
    authentication: z.object({ loginEndpoint: z.url(), audiences: z.array(z.string()).check(z.minLength(1)) }),
});

/**
 * The cloud that the environment names, as azure-native reads it: `ARM_METADATA_HOSTNAME`, else `ARM_ENVIRONMENT`,
 * else `AZURE_ENVIRONMENT`; else, where the az CLI signs in, the one that az has been set to, else the public one.
 *
 * @throws Error when the name is not one of a cloud, is not the one of the az CLI that signs in, or the metadata host does
 * not answer with a cloud's metadata
 */
export async function findCloud(env: Record<string, string | undefined>, signal: AbortSignal): Promise<Cloud> {
    exemptLocalEndpoints();
    const host = env.ARM_METADATA_HOSTNAME;
    if (host) {
        return describedBy(host, env, signal);
    }
    const variable = env.ARM_ENVIRONMENT ? "ARM_ENVIRONMENT" : "AZURE_ENVIRONMENT";
    const named = env[variable] ? cloudName(env[variable], variable) : undefined;
    const ofAz = wayOf(env) === "azCli" ? azCliCloud(env) : undefined;
    const az = ofAz === undefined ? undefined : cloudName(ofAz, "The az CLI's cloud");
    if (named !== undefined && az !== undefined && named !== az) {
        throw new Error(
            `${variable} is "${env[variable]}", but the az CLI, which signs in, is set to ${ofAz}. ` +
                `Run \`az cloud set\` and \`az login\` for the cloud that is meant, or change ${variable}.`,
        );
    }
    return clouds[named ?? az ?? "public"];
}

function cloudName(text: string, where: string): CloudName {
    const name = text.toLowerCase();
    if (Object.hasOwn(clouds, name)) {
        return name as CloudName;
    }
    const found = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
    if (found === undefined) {
        throw new Error(
            `${where} is "${text}", but must be one of ${Object.keys(clouds).join(", ")}; ` +
                "for another cloud set ARM_METADATA_HOSTNAME.",
        );
    }
    return found;
}

async function describedBy(host: string, env: Record<string, string | undefined>, signal: AbortSignal): Promise<Cloud> {
    const base = /^https?:\/\//.test(host) ? host.replace(/\/+$/, "") : `https://${host}`;
    const url = `${base}/metadata/endpoints?api-version=2022-09-01`;
    let answer: unknown;
    try {
        const request = createPipelineRequest({ url, abortSignal: signal });
        const pipeline = createPipelineFromOptions({
            retryOptions: { maxRetries: 2, retryDelayInMs: 200 },
            userAgentOptions: { userAgentPrefix: userAgent },
        });
        pipeline.addPolicy(connections(env).policy);
        pipeline.addPolicy(retryUnanswered.policy, { afterPhase: "Retry" });
        const { status, bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
        if (status !== 200) {
            throw new Error(`it answered ${status}`);
        }
        answer = JSON.parse(bodyAsText ?? "");
    } catch (error) {
        throw new Error(
            `The cloud's metadata cannot be read from ${url}: ${(error as Error).message.replace(/\.$/, "")}. ` +
                "Check ARM_METADATA_HOSTNAME, HTTPS_PROXY and NO_PROXY if there is a proxy, and NODE_EXTRA_CA_CERTS or " +
                "SSL_CERT_FILE if the host has a private certificate.",
        );
    }
    const result = Metadata.safeParse(answer);
    if (!result.success) {
        throw new Error(
            `${url} does not answer with the metadata of a cloud: ${problems(result.error)}. Check ARM_METADATA_HOSTNAME.`,
        );
    }
    const { resourceManager, authentication } = result.data;
    const { origin } = new URL(authentication.loginEndpoint);
    const audience = (authentication.audiences[0] ?? resourceManager).replace(/\/$/, "");
    return { resourceManager: resourceManager.replace(/\/$/, ""), authority: origin, scope: `${audience}/.default` };
}

function cloud(resourceManager: string, authority: string): Cloud {
    return { resourceManager, authority, scope: `${resourceManager}/.default` };
}
