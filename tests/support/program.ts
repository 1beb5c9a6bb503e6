import { CertificateRotation, type CertificateRotationArgs } from "../../components";

/** A program with the component alone, and all that it tells. */
export async function componentAlone(args: CertificateRotationArgs) {
    const { kubeconfig, caFingerprints, certificates, rotation } = new CertificateRotation("cluster", args);
    return { kubeconfig, caFingerprints, certificates, rotation };
}
