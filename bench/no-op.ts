import { Provider } from "@pulumi/kubernetes/provider";
import { openProject, type Project } from "../rehearsal/project";
import { shop, shopUnder } from "../rehearsal/shop";
import type { Stage } from "./stage";
import { type Spread, spread } from "./statistics";

/** What a no-op `up` costs, in seconds, and how many times what the plain program costs. */
export interface NoOp {
    component: Spread;
    plain: Spread;
    ratio: Spread;
}

/**
 * Times an `up` that changes nothing: of a program with the component, and of the same program with a plain
 * kubernetes Provider and a fixed kubeconfig; in turn, so that a machine that slows down does so for both.
 */
export async function measureNoOp(stage: Stage, runs: number): Promise<NoOp> {
    const { resourceGroupName, clusterName } = stage.cluster;
    let kubeconfig = "";
    await using component = await openProject({
        ...stage,
        program: async () => shop({ resourceGroupName, clusterName, rotationGeneration: 1 }, "with-component"),
    });
    await component.stack.setConfig("azure-native:subscriptionId", { value: stage.subscriptionId });
    const { outputs } = await component.stack.up();
    kubeconfig = String(outputs.kubeconfig?.value);
    await using plain = await openProject({
        ...stage,
        program: async () => {
            shopUnder(new Provider("cluster", { kubeconfig }), "plain");
        },
    });
    await plain.stack.up();
    const times = { component: [] as number[], plain: [] as number[] };
    for (let run = 0; run < runs; run++) {
        stage.progress(`No-op up, run ${run + 1} of ${runs}`);
        times.component.push(await timeNoOp(component));
        times.plain.push(await timeNoOp(plain));
    }
    const ratios = times.component.map((seconds, i) => seconds / (times.plain[i] ?? Number.NaN));
    return { component: spread(times.component), plain: spread(times.plain), ratio: spread(ratios) };
}

async function timeNoOp({ stack }: Project): Promise<number> {
    const began = performance.now();
    const { summary } = await stack.up();
    const seconds = (performance.now() - began) / 1000;
    const changed = Object.keys(summary.resourceChanges ?? {}).filter((op) => op !== "same");
    if (changed.length > 0) {
        throw new Error(`An up that should have changed nothing had: ${changed.join(", ")}.`);
    }
    return seconds;
}
