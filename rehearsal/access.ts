import { KubeConfig, type KubernetesObject, KubernetesObjectApi, VersionApi } from "@kubernetes/client-node";
import { unknownAuthority } from "./plugins/kubernetes/tls-text";

/** What came of an attempt to use a kubeconfig. */
export interface Access {
    accepted: boolean;
    /** Why not; for a TLS failure in the words of kubectl, with Node.js's code behind them. */
    error?: string;
}

/** Asks a cluster for its default namespace with a kubeconfig, as `kubectl get namespace default` does. */
export async function tryAccess(kubeconfig: string): Promise<Access> {
    try {
        await readObject(kubeconfig, { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } });
        return { accepted: true };
    } catch (error) {
        return { accepted: false, error: describe(error as Error) };
    }
}

/** Reads one object from a cluster. */
export function readObject(kubeconfig: string, object: KubernetesObject): Promise<KubernetesObject> {
    const { apiVersion, kind, metadata } = object;
    return KubernetesObjectApi.makeApiClient(config(kubeconfig)).read({
        apiVersion,
        kind,
        metadata: { name: metadata?.name ?? "", namespace: metadata?.namespace },
    });
}

/** Version of a cluster's API server, such as "v1.36.3". */
export async function serverVersion(kubeconfig: string): Promise<string> {
    return (await config(kubeconfig).makeApiClient(VersionApi).getCode()).gitVersion;
}

function config(kubeconfig: string): KubeConfig {
    const loaded = new KubeConfig();
    loaded.loadFromString(kubeconfig);
    return loaded;
}

function describe(error: Error & { code?: string | number; cause?: unknown }): string {
    const code = [error.code, (error.cause as NodeJS.ErrnoException | undefined)?.code].find(
        (candidate) => typeof candidate === "string",
    );
    return unknownAuthority.has(String(code))
        ? `tls: failed to verify certificate: x509: certificate signed by unknown authority (${code})`
        : error.message;
}
