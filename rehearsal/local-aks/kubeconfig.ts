import { stringify } from "yaml";
import type { ClusterSecrets } from "./cluster-secrets";

/** What a kubeconfig of AKS is made of. */
export interface KubeconfigParts {
    resourceGroup: string;
    clusterName: string;
    /** e.g. https://127.0.0.1:20443 */
    server: string;
    secrets: ClusterSecrets;
    role: "user" | "admin";
}

/** A kubeconfig as AKS writes it for a local account: the names are AKS's, and there is a token beside the certificate. */
export function kubeconfig({ resourceGroup, clusterName, server, secrets, role }: KubeconfigParts): string {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const user = `cluster${role === "admin" ? "Admin" : "User"}_${resourceGroup}_${clusterName}`;
    const context = role === "admin" ? `${clusterName}-admin` : clusterName;
    return stringify(
        {
            apiVersion: "v1",
            clusters: [
                {
                    cluster: { "certificate-authority-data": base64(secrets.ca.certificate), server },
                    name: clusterName,
                },
            ],
            contexts: [{ context: { cluster: clusterName, user }, name: context }],
            "current-context": context,
            kind: "Config",
            preferences: {},
            users: [
                {
                    name: user,
                    user: {
                        "client-certificate-data": base64(secrets.client.certificate),
                        "client-key-data": base64(secrets.client.key),
                        token: secrets.token,
                    },
                },
            ],
        },
        { lineWidth: 0 },
    );
}
