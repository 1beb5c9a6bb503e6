import type { PipelinePolicy, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { armErrorParts } from "./arm-error";

/** Codes with which Resource Manager refuses a version of the API that this cloud does not have. */
const UNSUPPORTED = new Set([
    "noregisteredproviderfound",
    "invalidresourcetype",
    "unsupportedapiversion",
    "invalidapiversionparameter",
]);

/** The versions that a host has in place of the SDK's: kept as long as the process runs. */
const known = new Map<string, string>();

/**
 * The newest stable version of the API that an error lists: clouds of governments get new ones later than the public one.
 *
 * @param error the body of the answer
 * @returns such as 2025-10-01; undefined where it is no such error, or lists none
 */
export function supportedApiVersion(error: unknown): string | undefined {
    const parts = armErrorParts(error);
    if (!parts.some(({ code = "" }) => UNSUPPORTED.has(code.toLowerCase()))) {
        return undefined;
    }
    // A list can be longer than what is kept of a message.
    const text = typeof error === "string" ? error : JSON.stringify(error);
    const [, list = ""] = /supported api-versions are '([^']*)'/i.exec(text) ?? [];
    return list
        .split(",")
        .map((version) => version.trim())
        .filter((version) => /^\d{4}-\d{2}-\d{2}$/.test(version))
        .sort()
        .at(-1);
}

/**
 * Asks for the version of the API that a cloud was found to have, in place of the SDK's.
 *
 * @param mayAskAgain whether a request that is refused for its version is sent again, once, with the newest one that the
 * refusal lists
 */
export function apiVersionPolicy(mayAskAgain: boolean): { policy: PipelinePolicy; position: "perCall" } {
    const policy: PipelinePolicy = {
        name: "apiVersion",
        async sendRequest(request, next): Promise<PipelineResponse> {
            const host = hostOf(request);
            const version = host === undefined ? undefined : known.get(host);
            if (version !== undefined) {
                setVersion(request, version);
            }
            const response = await next(request);
            const supported =
                response.status === 400 || response.status === 404
                    ? supportedApiVersion(response.bodyAsText)
                    : undefined;
            if (host === undefined || version !== undefined || supported === undefined) {
                return response;
            }
            known.set(host, supported);
            if (!mayAskAgain) {
                return response;
            }
            setVersion(request, supported);
            return next(request);
        },
    };
    return { policy, position: "perCall" };
}

/** The host that AKS's own API is asked at; undefined for any other request. */
function hostOf({ url }: PipelineRequest): string | undefined {
    const { host, pathname, searchParams } = new URL(url);
    const isAks = /\/providers\/Microsoft\.ContainerService\/(managedClusters|locations)\b/i.test(pathname);
    const isOther = /\/providers\/Microsoft\.Authorization\/|\/operation(s|results)\//i.test(pathname);
    return isAks && !isOther && searchParams.has("api-version") ? host : undefined;
}

function setVersion(request: PipelineRequest, version: string): void {
    const url = new URL(request.url);
    url.searchParams.set("api-version", version);
    request.url = url.href;
}
