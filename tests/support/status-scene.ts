import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatusReport } from "../../formats/status";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { type Circumstances, commandLine } from "./command-line";

/** A day in seconds. */
export const day = 86_400;

/** One of the two clusters of a {@link StatusScene}. */
export const prod = { resourceGroup: "shop", name: "prod" };

/** The other one. */
export const test = { resourceGroup: "lab", name: "test" };

/** A local AKS with two clusters, a folder, and the command `status`. */
export class StatusScene implements AsyncDisposable {
    private constructor(
        readonly aks: LocalAks,
        readonly folder: string,
    ) {}

    /** Sets a scene; its end takes everything down. */
    static async open(): Promise<StatusScene> {
        const aks = await startLocalAks({ rotationSeconds: 0.1 });
        await aks.addCluster({ ...prod, backend: "light" });
        await aks.addCluster({ ...test, backend: "light" });
        return new StatusScene(aks, mkdtempSync(join(tmpdir(), "status-")));
    }

    /** Runs `status`. */
    status(args: string[], circumstances?: Circumstances) {
        return commandLine(this.aks, ["status", ...args], circumstances);
    }

    /** Runs `status -o json`, and reads what it prints. */
    async report(args: string[], circumstances?: Circumstances) {
        const { code, out, err } = await this.status([...args, "-o", "json"], circumstances);
        assert.notEqual(out, "", err);
        const parsed = StatusReport.parse(JSON.parse(out));
        return { code, err, ...parsed };
    }

    /** ARM id of a cluster. */
    idOf({ resourceGroup, name }: typeof prod): string {
        return `/subscriptions/${this.aks.subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
    }

    /** Writes a file, and returns its path. */
    file(name: string, text: string): string {
        writeFileSync(join(this.folder, name), text);
        return join(this.folder, name);
    }

    /** The kubeconfig of {@link prod} of this moment. */
    async kubeconfigOf(): Promise<string> {
        return (await commandLine(this.aks, ["get-credentials", "-g", "shop", "-n", "prod", "--file", "-"])).out;
    }

    async [Symbol.asyncDispose](): Promise<void> {
        rmSync(this.folder, { recursive: true });
        await this.aks.close();
    }
}
