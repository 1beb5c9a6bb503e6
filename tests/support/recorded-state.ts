import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateRotation } from "../../components";
import { parseKubeconfig } from "../../formats/kubeconfig";
import { parseRecord } from "../../formats/record";
import type { Scene } from "./scene";

/** Folders of `tests/fixtures` with a recorded state. */
export type RecordedBy = "state-0.1.0" | "golden";

/** The rotation generation on record in each recorded state. */
export const recordedGeneration = 3;

/** The program whose states are recorded: the component with its Kubernetes provider, and all its outputs. */
export async function recordedProgram(args: ConstructorParameters<typeof CertificateRotation>[1]) {
    const rotation = new CertificateRotation("cluster", args);
    rotation.makeProvider();
    const { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates } = rotation;
    return { kubeconfig, clusterIdentifier, caCertificate, caFingerprints, certificates, rotation: rotation.rotation };
}

/**
 * Puts a recorded state into a scene's stack, adapted to the scene's cluster.
 *
 * @throws Error where the recorded state does not have what is to be adapted
 */
export async function importRecordedState(
    { aks, control, ref, cluster, project }: Scene,
    folder: RecordedBy,
): Promise<void> {
    const file = join(__dirname, "..", "fixtures", folder, "state.json");
    const kubeconfig = control.kubeconfig(ref, "user");
    const { caCertificate, caFingerprints } = parseKubeconfig(kubeconfig);
    const recorded: Recorded = JSON.parse(readFileSync(file, "utf8"));
    const { outputs } = recorded.deployment.resources.find(({ type }) => type === "pulumi:pulumi:Stack") ?? {};
    const record = parseRecord(JSON.stringify(outputs?.rotation));
    const replacements: [from: string, to: string][] = [
        [record.clusterId.split("/")[2] ?? "", aks.subscriptionId],
        [record.resourceUID ?? "", cluster.resourceUID],
        [record.caAfter[0] ?? "", caFingerprints[0] ?? ""],
        [inJson(outputs?.caCertificate ?? ""), inJson(caCertificate)],
    ];
    let text = JSON.stringify(recorded.deployment);
    for (const [from, to] of replacements) {
        if (from === "" || !text.includes(from)) {
            throw new Error(`The recorded state has no "${from}" to adapt.`);
        }
        text = text.replaceAll(from, to);
    }
    const deployment = JSON.parse(text, (key, value) =>
        key === "kubeconfig" && value?.ciphertext !== undefined
            ? { ...value, ciphertext: undefined, plaintext: JSON.stringify(kubeconfig) }
            : value,
    );
    await project.stack.importStack({ version: 3, deployment });
}

interface Recorded {
    deployment: { resources: { type: string; outputs?: { rotation: unknown; caCertificate: string } }[] };
}

/** A text as it stands within a JSON text. */
function inJson(text: string): string {
    return JSON.stringify(text).slice(1, -1);
}
