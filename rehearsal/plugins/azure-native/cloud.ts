/** Where a cloud's services are, as the cloud itself says. */
export interface Cloud {
    /** For example `https://management.azure.com`, without a slash at the end. */
    resourceManager: string;
    /** For example `https://login.microsoftonline.com`, without a slash at the end. */
    login: string;
    /** What a token for Resource Manager is for, without a slash at the end. */
    audience: string;
}

function withoutSlash(url: string): string {
    return url.replace(/\/+$/, "");
}

interface Metadata {
    resourceManager: string;
    authentication: { loginEndpoint: string; audiences: string[] };
}

/**
 * Asks a cloud's metadata host where its services are.
 *
 * @param host For example `management.azure.com` or `127.0.0.1:41234`.
 * @throws Error if the host cannot be reached, or answers something else.
 */
export async function findCloud(host: string): Promise<Cloud> {
    const url = `https://${host}/metadata/endpoints?api-version=2022-09-01`;
    try {
        const response = await fetch(url);
        if (!response.ok) {
            throw new Error(`HTTP ${response.status}`);
        }
        const { resourceManager, authentication } = (await response.json()) as Metadata;
        const { loginEndpoint, audiences } = authentication;
        return {
            resourceManager: withoutSlash(resourceManager),
            login: withoutSlash(loginEndpoint),
            audience: withoutSlash(audiences[0] ?? resourceManager),
        };
    } catch (error) {
        const { cause, message } = error as Error;
        throw new Error(
            `the cloud's metadata could not be read from ${url}: ${cause instanceof Error ? cause.message : message}`,
        );
    }
}
