import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { deployment, settings } from "./programs/ten";

function config(kubeconfig: string): KubeConfig {
    const loaded = new KubeConfig();
    loaded.loadFromString(kubeconfig);
    return loaded;
}

/** Makes what is watched of a workload: where no Pulumi program makes it. */
export async function makeWorkload(kubeconfig: string, namespace: string): Promise<void> {
    const core = config(kubeconfig).makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await core.createNamespacedConfigMap({
        namespace,
        body: { metadata: { name: settings, labels: { mark: "first" } } },
    });
    const labels = { app: "front" };
    await config(kubeconfig)
        .makeApiClient(AppsV1Api)
        .createNamespacedDeployment({
            namespace,
            body: {
                metadata: { name: deployment },
                spec: {
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels },
                        spec: { containers: [{ name: "web", image: "example.invalid/front:1" }] },
                    },
                },
            },
        });
}

/** What there is of a workload now. */
export interface Look {
    /** The ConfigMap's mark; undefined where it does not exist. */
    mark: string | undefined;
    /** UIDs of the ConfigMap and the Deployment; undefined where they do not exist. */
    uids: (string | undefined)[];
}

/**
 * Looks at a workload.
 *
 * @throws Error where the API server does not answer
 */
export async function look(kubeconfig: string, namespace: string): Promise<Look> {
    const clients = config(kubeconfig);
    const [configMap, front] = await Promise.all([
        orNone(clients.makeApiClient(CoreV1Api).readNamespacedConfigMap({ namespace, name: settings })),
        orNone(clients.makeApiClient(AppsV1Api).readNamespacedDeployment({ namespace, name: deployment })),
    ]);
    return { mark: configMap?.metadata?.labels?.mark, uids: [configMap?.metadata?.uid, front?.metadata?.uid] };
}

async function orNone<T>(object: Promise<T>): Promise<T | undefined> {
    try {
        return await object;
    } catch (error) {
        if ((error as { code?: unknown }).code === 404) {
            return undefined;
        }
        throw error;
    }
}
