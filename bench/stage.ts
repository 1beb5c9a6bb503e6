import { exitOnInterrupt } from "../rehearsal/exit-on-interrupt";
import { startLocalAks } from "../rehearsal/local-aks/local-aks";
import { choosePlugins, type Plugin } from "../rehearsal/plugins/choose";
import { getControlPlane } from "../toolchain/kubernetes";
import { getPulumi } from "../toolchain/pulumi";
import type { Progress, Tool } from "../toolchain/tool";

/** What all measurements stand on: an engine, its plugins, and a local AKS with one real cluster. */
export interface Stage extends AsyncDisposable {
    pulumi: Tool;
    plugins: Plugin[];
    /** The sign-in to the local AKS. */
    environment: Record<string, string>;
    subscriptionId: string;
    cluster: { resourceGroupName: string; clusterName: string };
    progress: Progress;
    /** The environment of a rotator for the cluster, as the component sets it. */
    settings(): Record<string, string>;
}

/** Sets the stage. */
export async function openStage(progress: Progress): Promise<Stage> {
    const pulumi = await getPulumi(progress);
    const tools = await getControlPlane(progress);
    const plugins = await choosePlugins({ pulumi, progress });
    exitOnInterrupt();
    const aks = await startLocalAks({ rotationSeconds: 20, tools, progress });
    const cluster = { resourceGroupName: "bench", clusterName: "blue" };
    await aks.addCluster({ resourceGroup: "bench", name: "blue", backend: "control-plane" });
    return {
        pulumi,
        plugins,
        environment: aks.environment,
        subscriptionId: aks.subscriptionId,
        cluster,
        progress,
        settings: () => ({
            ...aks.environment,
            AKS_ROTATION_SUBSCRIPTION_ID: aks.subscriptionId,
            AKS_ROTATION_RESOURCE_GROUP: cluster.resourceGroupName,
            AKS_ROTATION_CLUSTER: cluster.clusterName,
            AKS_ROTATION_GENERATION: "1",
            AKS_ROTATION_CREDENTIALS: "user",
            AKS_ROTATION_VERIFY: "required",
            AKS_ROTATION_TIMEOUT_SECONDS: "600",
            AKS_ROTATION_SETTLE_TIMEOUT_SECONDS: "60",
        }),
        [Symbol.asyncDispose]: () => aks.close(),
    };
}
