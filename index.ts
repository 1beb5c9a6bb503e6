import * as kubernetes from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { CertificateRotation, type ClusterConfig, configKeys, readStackConfig } from "./components";

/** Makes the certificate rotation of one cluster, and writes its record into the cluster through the refreshed provider. */
function rotate({ name, formerName, writeRecord, recordNamespace, ...args }: ClusterConfig) {
    // What is under the component follows it: the engine gives each of its resources an alias of the same kind.
    const aliases = formerName === undefined ? [] : [{ name: formerName }];
    const rotation = new CertificateRotation(name, { ...args, recordNamespace }, { aliases });
    if (writeRecord) {
        // Mutable, since a ConfigMap whose data changes is replaced otherwise.
        const provider = rotation.makeProvider({ enableConfigMapMutable: true });
        new kubernetes.ConfigMap(
            `${name}-record`,
            {
                metadata: { name: "aks-certificate-rotation", namespace: recordNamespace },
                data: {
                    "record.json": rotation.rotation.apply((record) => JSON.stringify(record, undefined, 2)),
                    // So that another stack, which would rotate the cluster once more, can say whose it is.
                    stack: `${pulumi.getProject()}/${pulumi.getStack()}`,
                },
            },
            { provider, parent: rotation },
        );
    }
    const { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates } = rotation;
    return { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates, rotation: rotation.rotation };
}

export = async () => {
    const { clusters, isList } = readStackConfig(new pulumi.Config(), configKeys());
    const outputs = clusters.map((cluster) => [cluster.name, rotate(cluster)] as const);
    return isList ? { clusters: Object.fromEntries(outputs) } : outputs[0]?.[1];
};
