import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterRef, type LocalAks, startLocalAks } from "../rehearsal/local-aks/local-aks";
import { mostBetween, Sampler } from "./sampler";
import { StackTrial } from "./stack-trial";
import type { Stage } from "./stage";

/** One rotation of so many clusters in one stack, of the component alone. */
export interface Growth {
    clusters: number;
    /** Of the `up` that rotates them all. */
    seconds: number;
    /** Most memory of all its processes, in MB; undefined where the system does not tell. */
    mb: number | undefined;
    /** Size of the state file, in kB. */
    stateKb: number;
    /** Requests to Azure and its sign-in service, for each cluster. */
    requests: number;
}

/** A stack of many clusters (light backend, rotated in one second each), all adopted. */
export class Fleet implements AsyncDisposable {
    private constructor(
        private readonly aks: LocalAks,
        private readonly refs: ClusterRef[],
        private readonly trial: StackTrial,
    ) {}

    /** Makes and adopts so many clusters. */
    static async open(stage: Stage, clusters: number): Promise<Fleet> {
        const aks = await startLocalAks({ rotationSeconds: 1, progress: stage.progress });
        try {
            const refs = Array.from({ length: clusters }, (_, i) => ({
                resourceGroup: "fleet",
                name: `cluster-${i + 1}`,
            }));
            for (const ref of refs) {
                await aks.addCluster({ ...ref, backend: "light" });
            }
            const { environment, subscriptionId } = aks;
            const own = { ...stage, environment, subscriptionId };
            return new Fleet(aks, refs, await StackTrial.open(own, "fleet", { clusters: refs }));
        } catch (error) {
            await aks.close();
            throw error;
        }
    }

    /**
     * Rotates all of them in one `up`.
     *
     * @throws Error when one is not rotated once
     */
    async rotate(): Promise<Growth> {
        const { aks, refs, trial } = this;
        const started = () => refs.map((ref) => aks.control.cluster(ref).rotations.started);
        const before = started();
        aks.control.clearRequests();
        const sampler = new Sampler(() => trial.pid());
        const began = performance.now();
        let failed: string | undefined;
        let prepared = 0;
        try {
            ({ failed, prepared } = await trial.rotate(`mark-${began}`));
        } finally {
            await sampler.stop();
        }
        const ended = performance.now();
        const rotations = started().map((count, i) => count - (before[i] ?? 0));
        if (failed !== undefined || rotations.some((count) => count !== 1)) {
            throw new Error(`Of ${refs.length} clusters not each was rotated once: ${failed ?? rotations.join(", ")}.`);
        }
        const clusters = refs.length;
        const requests = aks.control.requests();
        const counted = refs.flatMap((ref) => Object.values(aks.control.cluster(ref).requests));
        if (requests.length < counted.reduce((sum, count) => sum + count, 0)) {
            throw new Error("The log of the local AKS has lost requests: there were too many.");
        }
        return {
            clusters,
            seconds: (ended - began) / 1000 - prepared,
            mb: mostBetween(await sampler.stop(), began, ended)?.mb,
            stateKb: await stateKb(trial.directory),
            requests: requests.filter(({ kind }) => !kind.startsWith("apiServer")).length / clusters,
        };
    }

    async [Symbol.asyncDispose](): Promise<void> {
        try {
            await this.trial[Symbol.asyncDispose]();
        } finally {
            await this.aks.close();
        }
    }
}

async function stateKb(directory: string): Promise<number> {
    return (await stat(join(directory, "state", ".pulumi", "stacks", "rehearsal", "dev.json"))).size / 1000;
}
