import * as pulumi from "@pulumi/pulumi";
import { expiryWarning, type NamedCertificate } from "../formats/expiry";

/** Certificates as `CertificateRotation.certificates` has them. */
interface ClusterCertificates {
    ca: { expires: string }[];
    apiServer: { expires: string } | null;
    client: { expires: string } | null;
}

/** Warns, in every preview and `up`, of certificates that have expired or will soon, whether or not a rotation is asked for. */
export function warnOfExpiry(resource: pulumi.Resource, certificates: pulumi.Output<ClusterCertificates>): void {
    certificates.apply((known) => {
        const warning = expiryWarning(named(known), Date.now());
        return warning === undefined ? undefined : pulumi.log.warn(warning, resource);
    });
}

function named({ ca, apiServer, client }: ClusterCertificates): NamedCertificate[] {
    return [
        ...ca.map(({ expires }) => ({ name: "cluster CA", expires })),
        ...(apiServer === null ? [] : [{ name: "API server's certificate", expires: apiServer.expires }]),
        ...(client === null ? [] : [{ name: "client certificate", expires: client.expires }]),
    ];
}
