import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { promisify } from "node:util";
import { exitOnInterrupt } from "../rehearsal/exit-on-interrupt";
import { azCloudRegister, azCloudSet, azEnvironment, azLogin } from "../rehearsal/local-aks/az";
import { type ClusterRef, type Control, type LocalAks, startLocalAks } from "../rehearsal/local-aks/local-aks";
import { choosePlugins, type Plugin } from "../rehearsal/plugins/choose";
import { getAzureCli } from "../toolchain/azure-cli";
import { findOnPath } from "../toolchain/executable";
import { getControlPlane } from "../toolchain/kubernetes";
import { MissingToolsError } from "../toolchain/missing-tools";
import { getPulumi } from "../toolchain/pulumi";
import type { Progress, Tool } from "../toolchain/tool";
import { type Compiled, compile } from "./compile";

/** What all measurements stand on: an engine, its plugins, a local AKS with one real cluster, and az signed in to it. */
export interface Stage extends AsyncDisposable {
    pulumi: Tool;
    plugins: Plugin[];
    /** Undefined where it could not be had. */
    az: Tool | undefined;
    /** Path of kubectl, if it is on PATH. */
    kubectl: string | undefined;
    /** The version of the API servers. */
    kubernetes: string;
    /** The programs of the contenders. */
    compiled: Compiled;
    control: Control;
    /** The sign-in to the local AKS. */
    environment: Record<string, string>;
    /** With which az is signed in, and found. */
    azEnvironment: Record<string, string>;
    subscriptionId: string;
    cluster: { resourceGroupName: string; clusterName: string };
    progress: Progress;
    /** The environment of a rotator for the cluster, as the component sets it. */
    settings(): Record<string, string>;
    /** Makes another real cluster. */
    addCluster(name: string): Promise<ClusterRef>;
}

const run = promisify(execFile);
const resourceGroup = "bench";

/** Sets the stage. */
export async function openStage(progress: Progress): Promise<Stage> {
    const pulumi = await getPulumi(progress);
    const tools = await getControlPlane(progress);
    const az = await getAzureCli(progress).catch((error: Error) => {
        if (error instanceof MissingToolsError) {
            progress(error.message);
            return undefined;
        }
        throw error;
    });
    const platform = { os: process.platform, arch: process.arch };
    const kubectl = await findOnPath("kubectl", { environment: process.env, platform });
    const plugins = await choosePlugins({ pulumi, progress });
    exitOnInterrupt();
    await using all = new AsyncDisposableStack();
    const compiled = all.use(await compile());
    const aks = await startLocalAks({ rotationSeconds: 20, tools, progress });
    all.defer(() => aks.close());
    const addCluster = async (name: string): Promise<ClusterRef> => {
        progress(`Starting the cluster ${name}`);
        await aks.addCluster({ resourceGroup, name, backend: "control-plane" });
        return { resourceGroup, name };
    };
    const forAz = {
        ...azEnvironment(aks),
        PATH: [...(az ? [dirname(az.path)] : []), process.env.PATH].join(delimiter),
    };
    await addCluster("blue");
    if (az) {
        await signIn(az, aks, forAz);
    }
    const kept = all.move();
    const cluster = { resourceGroupName: resourceGroup, clusterName: "blue" };
    return {
        pulumi,
        plugins,
        az,
        kubectl,
        kubernetes: tools.apiServer.version,
        compiled,
        control: aks.control,
        environment: aks.environment,
        azEnvironment: forAz,
        subscriptionId: aks.subscriptionId,
        cluster,
        progress,
        addCluster,
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
        [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
}

/** The first steps of the how-to; not measured, since they are done once. */
async function signIn(az: Tool, aks: LocalAks, environment: Record<string, string>): Promise<void> {
    const { ARM_CLIENT_ID: id = "", ARM_CLIENT_SECRET: secret = "", ARM_TENANT_ID: tenant = "" } = aks.environment;
    for (const args of [azCloudRegister(aks), azCloudSet, azLogin(id, secret, tenant)]) {
        await run(az.path, args, { env: { ...process.env, ...environment } });
    }
}
