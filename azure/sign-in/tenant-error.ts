import {
    createDefaultHttpClient,
    createPipelineFromOptions,
    createPipelineRequest,
    type PipelinePolicy,
} from "@azure/core-rest-pipeline";
import { AuthenticationError, type TokenCredential } from "@azure/identity";
import { wholeAnswers } from "../unanswered";
import { userAgent } from "../user-agent";

/**
 * Makes a credential tell what the sign-in service says of its tenant: by itself the SDK says only that it could not look it
 * up, be it that there is no such tenant.
 *
 * @param authority URL of the sign-in service
 * @param connect how to reach it
 */
export function tellTenantError(
    credential: TokenCredential,
    { authority, tenantId }: { authority: string; tenantId: string },
    connect: PipelinePolicy,
): TokenCredential {
    return {
        getToken: async (...args) => {
            try {
                return await credential.getToken(...args);
            } catch (error) {
                if ((error as Error).message.includes("endpoints_resolution_error")) {
                    await throwTenantError(`${authority}/${encodeURIComponent(tenantId)}`, connect);
                }
                throw error;
            }
        },
    };
}

/** @throws AuthenticationError where the sign-in service refuses the tenant */
async function throwTenantError(tenant: string, connect: PipelinePolicy): Promise<void> {
    const pipeline = createPipelineFromOptions({ userAgentOptions: { userAgentPrefix: userAgent } });
    pipeline.addPolicy(connect);
    pipeline.addPolicy(wholeAnswers.policy, { afterPhase: "Retry" });
    const url = `${tenant}/v2.0/.well-known/openid-configuration`;
    const request = createPipelineRequest({ url, timeout: 10_000 });
    const { status, bodyAsText } = await pipeline
        .sendRequest(createDefaultHttpClient(), request)
        .catch(() => ({ status: 0, bodyAsText: undefined }));
    if (status >= 400 && status < 500 && bodyAsText?.includes("AADSTS")) {
        throw new AuthenticationError(status, bodyAsText);
    }
}
