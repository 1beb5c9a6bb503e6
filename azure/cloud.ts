import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import { problems } from "../formats/document";
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
const clouds: Record<string, Cloud> = {
    public: cloud("https://management.azure.com", "https://login.microsoftonline.com"),
    usgovernment: cloud("https://management.usgovcloudapi.net", "https://login.microsoftonline.us"),
    china: cloud("https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
};

const Metadata = z.object({
    resourceManager: z.url(),
    authentication: z.object({ loginEndpoint: z.url(), audiences: z.array(z.string()).check(z.minLength(1)) }),
});

/**
 * The cloud that the environment names, as azure-native reads it: `ARM_METADATA_HOSTNAME`, else `ARM_ENVIRONMENT`,
 * else the public one.
 *
 * @throws Error when the name is not one of a cloud, or the metadata host does not answer with a cloud's metadata
 */
export async function findCloud(env: Record<string, string | undefined>, signal: AbortSignal): Promise<Cloud> {
    const host = env.ARM_METADATA_HOSTNAME;
    if (host) {
        return describedBy(host, signal);
    }
    const name = (env.ARM_ENVIRONMENT || "public").toLowerCase();
    const found = clouds[name];
    if (found === undefined) {
        throw new Error(`ARM_ENVIRONMENT is "${name}", but must be one of ${Object.keys(clouds).join(", ")}.`);
    }
    return found;
}

async function describedBy(host: string, signal: AbortSignal): Promise<Cloud> {
    const url = `https://${host}/metadata/endpoints?api-version=2022-09-01`;
    let answer: unknown;
    try {
        const request = createPipelineRequest({ url, abortSignal: signal });
        const pipeline = createPipelineFromOptions({
            retryOptions: { maxRetries: 2, retryDelayInMs: 200 },
            userAgentOptions: { userAgentPrefix: userAgent },
        });
        pipeline.addPolicy(retryUnanswered.policy, { afterPhase: "Retry" });
        const { status, bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
        if (status !== 200) {
            throw new Error(`it answered ${status}`);
        }
        answer = JSON.parse(bodyAsText ?? "");
    } catch (error) {
        throw new Error(
            `The cloud's metadata cannot be read from ${url}: ${(error as Error).message}. ` +
                "Check ARM_METADATA_HOSTNAME, and NODE_EXTRA_CA_CERTS if the host has a private certificate.",
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
