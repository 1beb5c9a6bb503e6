import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterRef } from "../rehearsal/local-aks/local-aks";
import { look } from "./cluster-access";
import type { Stage } from "./stage";

/** Time between two looks, in milliseconds. */
const every = 100;

/** What was seen of a cluster and its workload in one rotation; seconds from the start of the watch. */
export interface Seen {
    /** The rotation, as the server began and ended it. */
    began: number | undefined;
    ended: number | undefined;
    /** While the API server accepted no credentials that Azure hands out: from and to. */
    outage: [number, number] | undefined;
    /** When Azure first handed out credentials after the rotation. */
    credentials: number | undefined;
    /** When the workload first had the mark. */
    downstream: number | undefined;
    /** For how long the ConfigMap or the Deployment did not exist, as far as the API server answered. */
    absent: number;
    /** Objects, of the ConfigMap and the Deployment, that are others than before. */
    recreated: number;
}

/** Watches a cluster from outside, in this process, without any request to Azure. */
export class Watch {
    private readonly start = performance.now();
    private readonly seen: Seen;
    private readonly stopped = new AbortController();
    private readonly watching: Promise<unknown>;
    private uids: (string | undefined)[] | undefined;

    constructor(
        private readonly stage: Stage,
        private readonly ref: ClusterRef,
        private readonly namespace: string,
        private readonly mark: string,
    ) {
        this.seen = {
            began: undefined,
            ended: undefined,
            outage: undefined,
            credentials: undefined,
            downstream: undefined,
            absent: 0,
            recreated: 0,
        };
        this.watching = Promise.all([this.rotation(), this.workload()]);
    }

    /** Ends the watch. */
    async end(): Promise<Seen> {
        this.stopped.abort();
        await this.watching;
        const handedOut = this.stage.control
            .requests(this.ref)
            .filter(({ kind, status }) => /^listCluster.*Credential$/.test(kind) && status === 200)
            .map(({ time }) => (Date.parse(time) - performance.timeOrigin - this.start) / 1000);
        const { ended } = this.seen;
        // The log's times are whole milliseconds.
        this.seen.credentials = handedOut.find((time) => ended !== undefined && time >= ended - 0.002);
        return this.seen;
    }

    private now(): number {
        return (performance.now() - this.start) / 1000;
    }

    private async rotation(): Promise<void> {
        const { control } = this.stage;
        const before = control.cluster(this.ref).rotations.started;
        while (!this.stopped.signal.aborted) {
            if (control.cluster(this.ref).rotations.started > before) {
                await control.waitUntilIdle(this.ref);
                this.seen.ended = this.now();
                this.seen.began = this.seen.ended - (control.cluster(this.ref).rotations.lastSeconds ?? 0);
                return;
            }
            await sleep(20);
        }
    }

    private async workload(): Promise<void> {
        let goneSince: number | undefined;
        while (!this.stopped.signal.aborted) {
            const at = this.now();
            const kubeconfig = this.stage.control.kubeconfig(this.ref, "admin");
            const found = await look(kubeconfig, this.namespace).catch(() => undefined);
            if (!found) {
                this.seen.outage = [this.seen.outage?.[0] ?? at, this.now()];
            } else {
                this.uids ??= found.uids;
                const gone = found.uids.includes(undefined);
                this.seen.absent += goneSince === undefined ? 0 : at - goneSince;
                goneSince = gone ? at : undefined;
                this.seen.recreated = Math.max(
                    this.seen.recreated,
                    found.uids.filter((uid, i) => uid !== this.uids?.[i]).length,
                );
                if (found.mark === this.mark) {
                    this.seen.downstream ??= at;
                }
            }
            await sleep(every);
        }
        // Once more: what came between the last look and the end.
        const last = await look(this.stage.control.kubeconfig(this.ref, "admin"), this.namespace).catch(
            () => undefined,
        );
        if (last?.mark === this.mark) {
            this.seen.downstream ??= this.now();
        }
    }
}
