import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent, Stack, UpResult } from "@pulumi/pulumi/automation";
import pc from "picocolors";
import type { RotationRecord } from "../formats/record";
import { getControlPlane } from "../toolchain/kubernetes";
import { getPulumi } from "../toolchain/pulumi";
import { readObject, serverVersion, tryAccess } from "./access";
import { downstreamOf } from "./downstream";
import { exitOnInterrupt } from "./exit-on-interrupt";
import { startLocalAks } from "./local-aks/local-aks";
import { choosePlugins, type Plugin } from "./plugins/choose";
import { openProject } from "./project";
import { type Report, summary } from "./report";
import { shop } from "./shop";

/** How to rehearse. */
export interface RehearsalOptions {
    /** How long the local AKS takes for a rotation, in seconds. */
    rotationSeconds: number;
    /** Where the story goes, line by line. */
    out: (line: string) => void;
}

const resourceGroup = "rehearsal";
const cluster = "blue";

/** Sets up all that is needed, rotates a cluster, checks everything, tears all down; and tells it as it goes. */
export async function tellRehearsal(options: RehearsalOptions): Promise<{ report: Report; held: boolean }> {
    const { out } = options;
    const chapter = (title: string) => out(`\n${pc.bold(pc.cyan(`■ ${title}`))}`);
    const progress = (line: string) => out(pc.dim(`  ${line}`));
    const began = performance.now();
    await using tidy = new AsyncDisposableStack();

    chapter("The stage");
    const engine = await getPulumi(progress);
    const tools = await getControlPlane(progress);
    const plugins = await choosePlugins({ pulumi: engine, progress });
    tellPlugins(plugins, out);
    exitOnInterrupt();
    const aks = await startLocalAks({ rotationSeconds: options.rotationSeconds, tools, progress });
    tidy.defer(() => aks.close());
    // On AKS the API server is away for a good part of the rotation; a local one would be back in a second.
    const outageSeconds = options.rotationSeconds * 0.3;
    await aks.addCluster({ resourceGroup, name: cluster, backend: "control-plane", settings: { outageSeconds } });
    out(`  A local AKS is at ${aks.url}, with one real cluster: etcd, kube-apiserver, kube-controller-manager.`);

    const project = await openProject({
        pulumi: engine,
        plugins,
        environment: aks.environment,
        program: async () =>
            shop({
                resourceGroupName: resourceGroup,
                clusterName: cluster,
                rotationGeneration: new pulumi.Config().requireNumber("rotationGeneration"),
            }),
    });
    tidy.defer(() => project.close());
    const { stack } = project;
    await stack.setConfig("azure-native:subscriptionId", { value: aks.subscriptionId });
    const up = (): Promise<Timed> => timedUp(stack, out);
    const setGeneration = async (n: number) => {
        out(pc.bold(`  $ pulumi config set rotationGeneration ${n}`));
        await stack.setConfig("rotationGeneration", { value: String(n) });
    };

    chapter("The first up adopts the cluster: nothing is rotated");
    await setGeneration(1);
    const adopted = await up();
    const saved = String(adopted.result.outputs.kubeconfig?.value);
    const before = await downstreamOf(stack, (object) => readObject(saved, object));
    const savedWorked = await tryAccess(saved);
    out(`  The kubeconfig of this up is saved. With it, the cluster ${savedWorked.accepted ? "answers" : "fails"}.`);
    const kubernetes = await serverVersion(saved);

    chapter("The generation is raised: first a preview");
    await setGeneration(2);
    const preview = await stack.preview({ diff: true, onOutput: engineOutput(out) });

    chapter("The up rotates");
    const rotated = await up();
    const current = String(rotated.result.outputs.kubeconfig?.value);
    const record = rotated.result.outputs.rotation?.value as RotationRecord;

    chapter("Afterwards");
    const oldCredentials = await tryAccess(saved);
    const newCredentials = await tryAccess(current);
    out(`  The saved kubeconfig: ${oldCredentials.accepted ? "still works" : oldCredentials.error}`);
    out(`  The new kubeconfig:   ${newCredentials.accepted ? "works" : newCredentials.error}`);
    const after = await downstreamOf(stack, (object) => readObject(current, object));

    chapter("A third up changes nothing");
    const third = await up();

    const { rotations } = aks.control.cluster({ resourceGroup, name: cluster });
    const serverSeconds = rotations.lastSeconds ?? 0;
    const report: Report = {
        pulumi: engine.version,
        kubernetes,
        plugins: Object.fromEntries(plugins.map(({ name, version, official }) => [name, { version, official }])),
        rotations: rotations.started,
        replaced: [adopted, rotated, third].reduce((sum, { replaced }) => sum + replaced, 0),
        downstream: before.map(({ urn, uid }) => ({
            urn,
            uidBefore: uid,
            uidAfter: after.find((other) => other.urn === urn)?.uid,
        })),
        oldCredentials,
        newCredentials,
        serverRotationSeconds: serverSeconds,
        overheadSeconds: rotated.seconds - serverSeconds,
    };
    const { changeSummary } = preview;
    const { text, held } = summary({
        report,
        record,
        previewReplaces: changeSummary.replace ?? 0,
        savedWorked: savedWorked.accepted,
        thirdChanged: changesOf(third.result),
        totalSeconds: (performance.now() - began) / 1000,
    });
    chapter("Summary");
    out(text);
    return { report, held };
}

interface Timed {
    result: UpResult;
    seconds: number;
    /** Resources that the engine replaced. */
    replaced: number;
}

async function timedUp(stack: Stack, out: (line: string) => void): Promise<Timed> {
    const replaced = new Set<string>();
    const began = performance.now();
    out(pc.bold("  $ pulumi up"));
    const result = await stack.up({
        onOutput: engineOutput(out),
        onEvent: ({ resourcePreEvent }: EngineEvent) => {
            if (resourcePreEvent !== undefined && /replace/.test(resourcePreEvent.metadata.op)) {
                replaced.add(resourcePreEvent.metadata.urn);
            }
        },
    });
    return { result, seconds: (performance.now() - began) / 1000, replaced: replaced.size };
}

function changesOf({ summary: { resourceChanges = {} } }: UpResult): number {
    return Object.entries(resourceChanges).reduce((sum, [op, count]) => (op === "same" ? sum : sum + (count ?? 0)), 0);
}

function engineOutput(out: (line: string) => void): (text: string) => void {
    return (text) => {
        for (const line of text.split("\n").filter((candidate) => candidate.trim() !== "")) {
            out(`  ${pc.dim("│")} ${line}`);
        }
    };
}

function tellPlugins(plugins: Plugin[], out: (line: string) => void): void {
    const standIns = plugins.filter(({ official }) => !official).map(({ name }) => name);
    out(
        `  Pulumi plugins: ${plugins.map((p) => `${p.name} ${p.version}${p.official ? "" : " (stand-in)"}`).join(", ")}.`,
    );
    if (standIns.length > 0) {
        out(
            `  The stand-ins (${standIns.join(", ")}) imitate the official plugins of these versions; they are not them.`,
        );
    }
}
