import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { CertificateRotation, type CertificateRotationArgs } from "../../components";

/** A program with the component alone, and all that it tells. */
export async function componentAlone(args: CertificateRotationArgs, opts?: ComponentResourceOptions) {
    const { kubeconfig, caFingerprints, certificates, rotation } = new CertificateRotation("cluster", args, opts);
    return { kubeconfig, caFingerprints, certificates, rotation };
}

/**
 * The same, and nothing of it can be deleted. On a busy machine Pulumi's SDK can take an inline program that has lost its
 * engine for one that has ended well without a resource, and the engine would delete all that there was.
 */
export async function protectedComponent(args: CertificateRotationArgs) {
    return componentAlone(args, { protect: true });
}
