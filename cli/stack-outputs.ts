import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod/mini";
import { sameFingerprints } from "../formats/certificate";
import { type ClusterIdParts, parseClusterId } from "../formats/cluster-id";
import { problems } from "../formats/document";
import type { Kubeconfig } from "../formats/kubeconfig";
import { parseRecord, type RotationRecord } from "../formats/record";
import type { KubeconfigStatus } from "../formats/status";
import { NoPulumi, runPulumi } from "./pulumi";

const Cluster = z.object({
    clusterIdentifier: z.string(),
    caFingerprints: z.optional(z.array(z.string())),
    rotation: z.optional(z.unknown()),
});

/** What a stack says of one of its clusters. */
export interface StackCluster {
    names: ClusterIdParts;
    /** Fingerprints of the CA of the stack's kubeconfig; undefined where the stack has no such output. */
    caFingerprints?: string[];
    /** Undefined where the stack has no such output. */
    record?: RotationRecord;
}

/**
 * Reads the outputs of a stack as this project's program makes them: those of one cluster, or `clusters` with the outputs
 * of each by its name. Of a program of one's own, `clusterIdentifier` suffices.
 *
 * @param text what `pulumi stack output --json` prints
 * @throws Error when they name no cluster
 */
export function readStackOutputs(text: string): StackCluster[] {
    let outputs: unknown;
    try {
        outputs = JSON.parse(text.replace(/^\uFEFF/, ""));
    } catch {
        throw new Error("The outputs are not JSON: give what `pulumi stack output --json` prints.");
    }
    const list = (outputs as { clusters?: unknown } | null)?.clusters;
    const found: [where: string, cluster: unknown][] =
        list !== null && typeof list === "object"
            ? Object.entries(list).map(([name, cluster]) => [`clusters.${name}`, cluster])
            : [["", outputs]];
    if (found.length === 0) {
        throw new Error("The stack's output `clusters` is empty: run pulumi up.");
    }
    return found.map(([where, cluster]) => {
        const result = Cluster.safeParse(cluster);
        if (!result.success) {
            const isThere = Object.hasOwn(Object(cluster), "clusterIdentifier");
            throw new Error(
                `The outputs name no cluster: ${where || "the stack"} has no clusterIdentifier` +
                    `${isThere ? ` as CertificateRotation makes it (${problems(result.error)})` : ""}. ` +
                    "Run pulumi up, or export it: export const { clusterIdentifier, caFingerprints, rotation } = …",
            );
        }
        const { clusterIdentifier, caFingerprints, rotation } = result.data;
        const record = rotation === undefined ? undefined : parseRecord(JSON.stringify(rotation));
        return { names: parseClusterId(clusterIdentifier), caFingerprints, record };
    });
}

/**
 * Asks the pulumi on the PATH for the outputs of a stack. Secrets are not asked for.
 *
 * @param cwd the project's folder
 * @throws Error with pulumi's own words
 */
export async function readStack(stack: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
    try {
        return await runPulumi(["stack", "output", "--json", "--stack", stack], { cwd, env });
    } catch (error) {
        if (!hasProject(cwd)) {
            throw new Error(
                `There is no Pulumi project in the folder ${resolve(cwd)} or above it: it has no Pulumi.yaml. Give the ` +
                    "project's folder with --cwd, or --outputs FILE with what `pulumi stack output --json` prints.",
            );
        }
        throw error instanceof NoPulumi
            ? new Error(`${error.message} Give --outputs FILE with what \`pulumi stack output --json\` prints.`)
            : error;
    }
}

/** Whether pulumi finds a project from a folder: it looks in those above it, too. */
function hasProject(cwd: string): boolean {
    const folder = resolve(cwd);
    const isHere = ["yaml", "yml", "json"].some((extension) => existsSync(join(folder, `Pulumi.${extension}`)));
    return isHere || (dirname(folder) !== folder && hasProject(dirname(folder)));
}

/** Whether the kubeconfig that a stack hands on is of the cluster CA of now; null where the stack does not say. */
export function checkStack({ caFingerprints }: StackCluster, azure: Kubeconfig): KubeconfigStatus | null {
    if (caFingerprints === undefined) {
        return null;
    }
    return sameFingerprints([...caFingerprints].sort(), azure.caFingerprints)
        ? { source: "stack", state: "current", reason: null }
        : { source: "stack", state: "outdated", reason: "the cluster CA is not the one of the last up: run pulumi up" };
}
