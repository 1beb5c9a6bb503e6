import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import { proxyFor } from "./proxy";
import { trustedCertificates } from "./trusted-certificates";
import type { TrustingProxyAgent } from "./trusting-proxy-agent";

type Environment = Record<string, string | undefined>;

/**
 * Makes the Azure SDK connect as azure-native does: through the proxy that the environment names by Go's rules, which
 * are not the SDK's own, and trusting the CAs of SSL_CERT_FILE and SSL_CERT_DIR too.
 */
export function connections(env: Environment): { policy: PipelinePolicy; position: "perCall" } {
    const ca = trustedCertificates(env);
    const options = { keepAlive: true, ...(ca && { ca }) };
    const straight = { "http:": new HttpAgent(options), "https:": new HttpsAgent(options) };
    const throughProxy = new Map<string, TrustingProxyAgent>();
    const agentFor = (url: URL) => {
        const proxy = proxyFor(url, env);
        if (proxy === undefined) {
            return url.protocol === "http:" ? straight["http:"] : straight["https:"];
        }
        const agent = throughProxy.get(proxy.href) ?? proxyAgent(proxy, options, ca);
        throughProxy.set(proxy.href, agent);
        return agent;
    };
    return {
        policy: {
            name: "connections",
            sendRequest(request, next) {
                request.agent = agentFor(new URL(request.url));
                // Answers are small, and to unpack them Node.js would load zlib: 0.4 MB of a rotator that waits.
                request.headers.delete("Accept-Encoding");
                return next(request);
            },
        },
        position: "perCall",
    };
}

/** Only who has a proxy pays for what goes through one. */
function proxyAgent(proxy: URL, options: object, ca: string[] | undefined): TrustingProxyAgent {
    const { TrustingProxyAgent } = require("./trusting-proxy-agent") as typeof import("./trusting-proxy-agent");
    return new TrustingProxyAgent(proxy.href, options, ca);
}

/** The options with which every client of the Azure SDK connects in this way. */
export function tlsOptions(env: Environment): { tlsOptions?: { ca: string[] } } {
    const ca = trustedCertificates(env);
    return ca === undefined ? {} : { tlsOptions: { ca } };
}
