import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import type { ProviderResource } from "@pulumi/pulumi";

/** How many of the ten resources carry the mark, and so change with it. */
export const marked = 6;

/** Whether a resource is one of those. */
export function hasMark({ type }: { type: string }): boolean {
    return type === "kubernetes:core/v1:ConfigMap";
}

/** The name of the ConfigMap whose mark is watched. */
export const settings = "settings-1";
/** The name of the Deployment. */
export const deployment = "front";

/** Ten resources under a provider: a Namespace, six ConfigMaps with a mark, a Secret, a Deployment and a Service. */
export function ten(provider: ProviderResource, namespace: string, mark: string): void {
    const opts = { provider };
    const { metadata } = new core.Namespace("shop", { metadata: { name: namespace } }, opts);
    // There are no nodes, so the Deployment and the Service would never become ready.
    const annotations = { "pulumi.com/skipAwait": "true" };
    const inShop = (name: string) => ({ name, namespace: metadata.name });
    for (let i = 1; i <= marked; i++) {
        const name = `settings-${i}`;
        // A label: other data would replace a ConfigMap.
        new core.ConfigMap(name, { metadata: { ...inShop(name), labels: { mark } }, data: { currency: "EUR" } }, opts);
    }
    new core.Secret("payment", { metadata: inShop("payment"), stringData: { key: "not a real key" } }, opts);
    const labels = { app: "front" };
    new apps.Deployment(
        deployment,
        {
            metadata: { ...inShop(deployment), annotations },
            spec: {
                selector: { matchLabels: labels },
                template: {
                    metadata: { labels },
                    spec: { containers: [{ name: "web", image: "example.invalid/front:1" }] },
                },
            },
        },
        opts,
    );
    new core.Service(
        "front",
        { metadata: { ...inShop("front"), annotations }, spec: { selector: labels, ports: [{ port: 80 }] } },
        opts,
    );
}
