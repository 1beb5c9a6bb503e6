import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CertificateRotation } from "../components";
import { startLocalAks } from "../rehearsal/local-aks/local-aks";
import { openProject } from "../rehearsal/project";
import { castOf } from "../tests/support/processes";
import { readOutputsFromState } from "../tests/support/state-file";
import { memoryOf, treeOf } from "./process-tree";
import type { Stage } from "./stage";

/** One rotation of so many clusters in one stack, of the component alone. */
export interface Growth {
    clusters: number;
    /** Of the `up` that rotates them all. */
    seconds: number;
    /** Most memory of the engine and all that it started, in MB; the program is not in it. */
    mb: number;
    /** Size of the state file, in kB. */
    stateKb: number;
    /** Requests to Azure, for each cluster. */
    requests: number;
}

/** Adopts and rotates so many clusters (light backend, one second each). */
export async function measureGrowth(stage: Stage, clusters: number): Promise<Growth> {
    const aks = await startLocalAks({ rotationSeconds: 1, progress: stage.progress });
    try {
        const names = Array.from({ length: clusters }, (_, i) => `cluster-${i + 1}`);
        for (const name of names) {
            await aks.addCluster({ resourceGroup: "fleet", name, backend: "light" });
        }
        let generation = 1;
        await using project = await openProject({
            ...stage,
            environment: aks.environment,
            program: async () => {
                for (const clusterName of names) {
                    const args = { resourceGroupName: "fleet", clusterName, rotationGeneration: generation };
                    new CertificateRotation(clusterName, args);
                }
            },
        });
        await project.stack.setConfig("azure-native:subscriptionId", { value: aks.subscriptionId });
        readOutputsFromState(project);
        await project.stack.up();
        aks.control.clearRequests();
        generation = 2;
        const running = new AbortController();
        const sampling = peak(project.directory, running.signal);
        const began = performance.now();
        await project.stack.up();
        const seconds = (performance.now() - began) / 1000;
        running.abort();
        const rotations = names.map((name) => aks.control.cluster({ resourceGroup: "fleet", name }).rotations.started);
        if (rotations.some((count) => count !== 1)) {
            throw new Error(`Of ${clusters} clusters not each was rotated once: ${rotations.join(", ")}.`);
        }
        const requests = aks.control.requests().filter(({ kind }) => kind !== "apiServer").length / clusters;
        return { clusters, seconds, mb: await sampling, stateKb: await stateSize(project.directory), requests };
    } finally {
        await aks.close();
    }
}

async function peak(directory: string, ended: AbortSignal): Promise<number> {
    let mb = 0;
    while (!ended.aborted) {
        try {
            mb = Math.max(mb, memoryOf(treeOf([castOf(directory).engine])));
        } catch {
            // The engine has not begun yet, or has ended.
        }
        await sleep(500);
    }
    return mb;
}

async function stateSize(directory: string): Promise<number> {
    const folder = join(directory, "state", ".pulumi", "stacks", "rehearsal");
    const file = (await readdir(folder)).find((name) => name === "dev.json");
    return file === undefined ? Number.NaN : (await stat(join(folder, file))).size / 1000;
}
