import { stringify } from "yaml";

export interface Entry {
    name: string;
    [key: string]: unknown;
}

/** A kubeconfig as AKS gives it. */
export function aks({
    name = "prod",
    server = "https://prod.example:443",
    ca = "bmV3",
    role = "User",
    exec = undefined as object | undefined,
} = {}): string {
    const user = `cluster${role}_shop_${name}`;
    const certificate = { "client-certificate-data": ca, "client-key-data": ca, token: ca };
    return stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ cluster: { "certificate-authority-data": ca, server }, name }],
        contexts: [{ context: { cluster: name, user }, name }],
        "current-context": name,
        preferences: {},
        users: [{ name: user, user: exec === undefined ? certificate : { exec } }],
    });
}

export const serverId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** The `exec` of a kubeconfig of a cluster with Microsoft Entra ID. */
export function kubelogin(args: string[] = deviceCode) {
    return {
        apiVersion: "client.authentication.k8s.io/v1beta1",
        command: "kubelogin",
        args,
        env: null,
        provideClusterInfo: false,
    };
}

export const fromAks = [
    "--client-id",
    "80faf920-1908-4b52-b5ef-a8e7bedfc67a",
    "--tenant-id",
    "t",
    "--environment",
    "AzurePublicCloud",
];
export const deviceCode = ["get-token", "--login", "devicecode", "--server-id", serverId, ...fromAks];

export const lists = ["clusters", "users", "contexts"] as const;
