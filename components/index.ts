/**
 * Rotates the certificates of Azure Kubernetes Service clusters from a Pulumi program.
 *
 * @packageDocumentation
 */

export type { Certificate, Check, NotVerified, Outage, RotationRecord } from "../formats/record";
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
    type SignInSettings,
} from "./kubernetes-provider";
export {
    type ClusterConfig,
    type ClusterConfigById,
    type ClusterConfigByName,
    type ClusterSettings,
    type ConfigReader,
    readStackConfig,
    type StackConfig,
} from "./stack-config";
