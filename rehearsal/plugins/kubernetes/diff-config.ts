import { isDeepStrictEqual } from "node:util";
import type { DiffAnswer } from "../protocol/plugin";
import { isUnknown, type Properties, revealAll, type Value } from "../protocol/values";
import { activeCluster, type Cluster, type Kubeconfig, parseKubeconfig } from "./kubeconfig";

/** What the choice of a cluster depends on. */
const clusterInputs = ["kubeconfig", "context", "cluster"];

function text(value: Value | undefined): string {
    return typeof value === "string" ? value : "";
}

function withoutNulls(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(revealAll(properties)).filter(([, value]) => value !== null));
}

function parse(kubeconfig: Value | undefined): Kubeconfig {
    try {
        return parseKubeconfig(typeof kubeconfig === "object" ? JSON.stringify(kubeconfig) : text(kubeconfig));
    } catch (error) {
        throw new Error(`failed to parse kubeconfig: ${error instanceof Error ? error.message : error}`);
    }
}

function clusterOf(properties: Properties): Cluster | undefined {
    const overrides = { context: text(properties.context), cluster: text(properties.cluster) };
    return activeCluster(parse(properties.kubeconfig), overrides);
}

/**
 * What a changed configuration does to a Provider, and so to everything under it: an update in place, or a replacement
 * where the cluster itself may be another one. A cluster is known by its identifier where there is one on both sides,
 * else by all that the kubeconfig says of it, its CA included.
 *
 * @throws Error if a kubeconfig cannot be parsed.
 */
export function diffConfig(oldProperties: Properties, newProperties: Properties): DiffAnswer {
    const [olds, news] = [withoutNulls(oldProperties), withoutNulls(newProperties)];
    const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])]
        .filter((name) => !isDeepStrictEqual(olds[name], news[name]))
        .sort();
    const answer = (diffs: string[], replaces: string[]): DiffAnswer => {
        const identified = news.clusterIdentifier !== undefined && !changed.includes("clusterIdentifier");
        return {
            changes: changed.length > 0 ? "some" : "none",
            diffs,
            replaces: identified ? [] : replaces,
            deleteBeforeReplace: false,
        };
    };
    const replaces: string[] = [];
    if (changed.includes("clusterIdentifier") && olds.clusterIdentifier && news.clusterIdentifier) {
        replaces.push("clusterIdentifier");
    }
    const unknownInput = clusterInputs.find((name) => isUnknown(news[name]));
    if (changed.length > 0 && unknownInput !== undefined) {
        return answer([unknownInput], [...replaces, unknownInput]);
    }
    if (changed.includes("renderYamlToDirectory")) {
        replaces.push("renderYamlToDirectory");
    }
    const [before, after] = [clusterOf(olds), clusterOf(news)];
    if (before && after && !isDeepStrictEqual(before, after)) {
        replaces.push(...clusterInputs.filter((name) => changed.includes(name)));
    }
    return answer(changed, replaces);
}
