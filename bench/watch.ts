import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { look } from "./cluster-access";
import { type Glance, type Seen, seenIn } from "./seen";
import type { Stage } from "./stage";

/** Between two looks, in seconds: no time that is seen is more exact. */
export const resolution = 0.1;

/** What was seen of a cluster and its workload in one rotation; times in seconds of the clock of `performance.now()`. */
export interface Watched extends Seen {
    /** The rotation, as the server began and ended it. */
    began: number;
    ended: number;
}

/** Watches a cluster from outside, in this process, without any request to Azure. */
export class Watch {
    private readonly stopped = new AbortController();
    private readonly glances: Glance[] = [];
    private rotation: { began: number; ended: number } | undefined;
    private readonly watching: Promise<unknown>;

    constructor(
        private readonly stage: Stage,
        private readonly ref: ClusterRef,
        private readonly namespace: string,
    ) {
        this.watching = Promise.all([this.watchRotation(), this.watchWorkload()]);
        // Whoever ends it is told; until then an error is nobody's.
        this.watching.catch(() => undefined);
    }

    /**
     * Ends the watch.
     *
     * @param mark that of the workload
     * @throws Error when no rotation has ended meanwhile
     */
    async end(mark: string): Promise<Watched> {
        this.stopped.abort();
        await this.watching;
        // Once more: what came between the last look and the end.
        await this.glance();
        if (this.rotation === undefined) {
            throw new Error("No rotation of the cluster has ended.");
        }
        return { ...this.rotation, ...seenIn(this.glances, mark) };
    }

    /** Ends it for nothing. */
    async abandon(): Promise<void> {
        this.stopped.abort();
        await this.watching.catch(() => undefined);
    }

    private async watchRotation(): Promise<void> {
        const { control } = this.stage;
        const before = control.cluster(this.ref).rotations.started;
        while (!this.stopped.signal.aborted) {
            if (control.cluster(this.ref).rotations.started > before) {
                await control.waitUntilIdle(this.ref);
                const ended = performance.now() / 1000;
                const { lastSeconds } = control.cluster(this.ref).rotations;
                this.rotation = lastSeconds === undefined ? undefined : { began: ended - lastSeconds, ended };
                return;
            }
            await sleep(20);
        }
    }

    private async watchWorkload(): Promise<void> {
        while (!this.stopped.signal.aborted) {
            await this.glance();
            await sleep(resolution * 1000);
        }
    }

    private async glance(): Promise<void> {
        const from = performance.now() / 1000;
        const kubeconfig = this.stage.control.kubeconfig(this.ref, "admin");
        const found = await look(kubeconfig, this.namespace).catch(() => undefined);
        this.glances.push({ from, to: performance.now() / 1000, found });
    }
}
