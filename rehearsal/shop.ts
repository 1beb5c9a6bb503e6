import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { CertificateRotation, type CertificateRotationArgs } from "../components";

/**
 * A program as a user would write it: the rotation of one cluster, and a small shop in the cluster under its provider:
 * a Namespace, a ConfigMap, a Secret and a Deployment.
 */
export function shop(args: CertificateRotationArgs, namespace?: string): Record<string, pulumi.Output<unknown>> {
    const rotation = new CertificateRotation("cluster", args);
    const { provider } = rotation;
    shopUnder(provider, namespace);
    const { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates } = rotation;
    return { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates, rotation: rotation.rotation };
}

/** The shop alone, under any Kubernetes provider, in a namespace of its own. */
export function shopUnder(provider: pulumi.ProviderResource, name = "shop"): void {
    const namespace = new core.Namespace("shop", { metadata: { name } }, { provider });
    const inShop = (object: string) => ({ name: object, namespace: namespace.metadata.name });
    new core.ConfigMap("settings", { metadata: inShop("settings"), data: { currency: "EUR" } }, { provider });
    new core.Secret("payment", { metadata: inShop("payment"), stringData: { key: "not a real key" } }, { provider });
    const labels = { app: "front" };
    new apps.Deployment(
        "front",
        {
            // The local AKS has no nodes, so the Deployment would never become available.
            metadata: { ...inShop("front"), annotations: { "pulumi.com/skipAwait": "true" } },
            spec: {
                selector: { matchLabels: labels },
                template: {
                    metadata: { labels },
                    spec: { containers: [{ name: "web", image: "example.invalid/front:1" }] },
                },
            },
        },
        { provider },
    );
}
