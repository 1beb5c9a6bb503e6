/**
 * Rotates the certificates of Azure Kubernetes Service clusters from a Pulumi program.
 *
 * @packageDocumentation
 */

export type { Certificate, Check, RotationRecord } from "../formats/record";
export type { AzureSignInArgs } from "./azure-sign-in";
export {
    CertificateRotation,
    type CertificateRotationArgs,
    type Certificates,
} from "./certificate-rotation";
export {
    type ClusterByCredentials,
    type ClusterByStack,
    type KubernetesProviderArgs,
    kubernetesProvider,
    type ProviderSettings,
} from "./kubernetes-provider";
export { type ClusterConfig, readStackConfig } from "./stack-config";
