/** Where a kubeconfig's entry of a cluster leads to. */
export interface ClusterEntry {
    server?: string | undefined;
    "tls-server-name"?: string | undefined;
}

/** Compares two URLs of API servers: upper or lower case, a port that is left out and a path make no difference. */
export function sameServer(one: string, other: string | undefined): boolean {
    return normal(one) === normal(other ?? "");
}

/**
 * Whether a kubeconfig's entry leads to an API server through a tunnel: its `server` can be any address, such as
 * `https://localhost:8443`, and its `tls-server-name` is the name of the API server.
 *
 * @param server URL of the API server
 */
export function isTunnelTo(entry: ClusterEntry, server: string | undefined): boolean {
    const name = entry["tls-server-name"];
    return typeof name === "string" && name.toLowerCase() === hostOf(server ?? "");
}

/** Whether a kubeconfig's entry leads to an API server, by its address or through a tunnel. */
export function leadsTo(entry: ClusterEntry, server: string | undefined): boolean {
    return sameServer(entry.server ?? "", server) || isTunnelTo(entry, server);
}

function normal(server: string): string {
    try {
        const { hostname, port } = new URL(server);
        return `${hostname.toLowerCase()}:${port || 443}`;
    } catch {
        return server;
    }
}

function hostOf(server: string): string | undefined {
    try {
        return new URL(server).hostname.toLowerCase().replace(/^\[|\]$/g, "");
    } catch {
        return undefined;
    }
}
