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
    type ProviderSettings,
} from "./certificate-rotation";
export { type ClusterConfig, readStackConfig } from "./stack-config";
