import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { trustedCertificates } from "./trusted-certificates";

/**
 * Opens a tunnel through a proxy, by HTTP's CONNECT.
 *
 * @throws Error that names the proxy, without its password, when it does not answer or refuses
 */
export function openTunnel(
    proxy: URL,
    { hostname, port }: { hostname: string; port: number },
    signal: AbortSignal,
): Promise<Duplex> {
    const secure = proxy.protocol === "https:";
    const path = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    return new Promise((resolve, reject) => {
        const outgoing = (secure ? httpsRequest : httpRequest)({
            hostname: proxy.hostname.replace(/^\[|\]$/g, ""),
            port: proxy.port || (secure ? 443 : 80),
            method: "CONNECT",
            path,
            agent: false,
            signal,
            ...(secure && { ca: trustedCertificates(process.env) }),
            headers: {
                host: path,
                ...(proxy.username && { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` }),
            },
        });
        outgoing.once("connect", ({ statusCode }, socket) => {
            if (statusCode === 200) {
                resolve(socket);
            } else {
                socket.destroy();
                reject(new Error(`the proxy ${proxy.host} answered ${statusCode} to a CONNECT to ${path}`));
            }
        });
        outgoing.once("error", ({ message }) => {
            reject(signal.aborted ? signal.reason : new Error(`the proxy ${proxy.host} cannot be used: ${message}`));
        });
        outgoing.end();
    });
}
