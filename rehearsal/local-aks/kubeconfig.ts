import { stringify } from "yaml";
import { AKS_CLIENT_APPLICATION, AKS_SERVER_APPLICATION } from "./cluster-kind";
import type { ClusterSecrets } from "./cluster-secrets";

/** What a kubeconfig of AKS is made of. */
export interface KubeconfigParts {
    resourceGroup: string;
    clusterName: string;
    /** e.g. https://127.0.0.1:20443 */
    server: string;
    secrets: ClusterSecrets;
    role: "user" | "admin";
    /** For a user of Microsoft Entra ID: the tenant, and how the kubeconfig says so. Default: a local account. */
    entraId?: { tenantId: string; format: KubeconfigFormat };
}

/** How a kubeconfig says that its user signs in to Microsoft Entra ID: by kubelogin, or as Kubernetes before 1.26 did. */
export type KubeconfigFormat = "exec" | "azure";

/**
 * A kubeconfig as AKS writes it: the names are AKS's; a local account has a token beside the certificate, a user of
 * Microsoft Entra ID has no secret. The context has the cluster's name for an admin too: it is az that adds `-admin`.
 * Source: merge_kubernetes_configurations in azure-cli.
 */
export function kubeconfig(parts: KubeconfigParts): string {
    const { resourceGroup, clusterName, server, secrets, role, entraId } = parts;
    const name = `cluster${role === "admin" ? "Admin" : "User"}_${resourceGroup}_${clusterName}`;
    const authorities = [secrets.ca.certificate, ...(secrets.otherAuthorities ?? [])].join("\n");
    const user = entraId === undefined ? localAccount(secrets) : entraIdUser(entraId);
    return stringify(
        {
            apiVersion: "v1",
            clusters: [{ cluster: { "certificate-authority-data": base64(authorities), server }, name: clusterName }],
            contexts: [{ context: { cluster: clusterName, user: name }, name: clusterName }],
            "current-context": clusterName,
            kind: "Config",
            preferences: {},
            users: [{ name, user }],
        },
        { lineWidth: 0 },
    );
}

function localAccount({ client, token }: ClusterSecrets): object {
    return {
        "client-certificate-data": base64(client.certificate),
        "client-key-data": base64(client.key),
        token,
    };
}

/** Source: kubeconfigs of AKS that users show, and the tests of kubelogin. */
function entraIdUser({ tenantId, format }: NonNullable<KubeconfigParts["entraId"]>): object {
    const environment = "AzurePublicCloud";
    if (format === "azure") {
        const config = {
            "apiserver-id": AKS_SERVER_APPLICATION,
            "client-id": AKS_CLIENT_APPLICATION,
            "config-mode": "1",
            environment,
            "tenant-id": tenantId,
        };
        return { "auth-provider": { config, name: "azure" } };
    }
    const flags = {
        environment,
        "server-id": AKS_SERVER_APPLICATION,
        "client-id": AKS_CLIENT_APPLICATION,
        "tenant-id": tenantId,
        login: "devicecode",
    };
    return {
        exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            args: ["get-token", ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])],
            command: "kubelogin",
            env: null,
            installHint:
                "\nkubelogin is not installed which is required to connect to AAD enabled cluster.\n\n" +
                "To learn more, please go to https://aka.ms/aks/kubelogin\n",
            provideClusterInfo: false,
        },
    };
}

function base64(text: string): string {
    return Buffer.from(text).toString("base64");
}
