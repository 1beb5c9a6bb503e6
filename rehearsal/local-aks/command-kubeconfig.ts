import type { ClusterSecrets } from "./cluster-secrets";

/** What the kubeconfig of a command is made of. */
export interface CommandKubeconfigParts {
    /** URL of the API server, as others know it. */
    server: string;
    /** Through which a command reaches it; undefined: at once. */
    proxyUrl: string | undefined;
    secrets: ClusterSecrets;
    /** Of a user of Microsoft Entra ID; undefined: it is the local account. */
    token: string | undefined;
}

/** The kubeconfig that kubectl has in a command: JSON, which is YAML too. */
export function commandKubeconfig({ server, proxyUrl, secrets, token }: CommandKubeconfigParts): string {
    const { ca, client } = secrets;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const localAccount = {
        "client-certificate-data": base64(client.certificate),
        "client-key-data": base64(client.key),
    };
    const cluster = {
        server,
        "certificate-authority-data": base64(ca.certificate),
        ...(proxyUrl !== undefined && { "proxy-url": proxyUrl }),
    };
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: "cluster", cluster }],
        users: [{ name: "user", user: token === undefined ? localAccount : { token } }],
        contexts: [{ name: "context", context: { cluster: "cluster", user: "user" } }],
        "current-context": "context",
    });
}
