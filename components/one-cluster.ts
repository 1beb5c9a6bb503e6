import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterIdParts, clusterId, parseClusterId } from "../formats/cluster-id";
import type { PlainArguments } from "./arguments";

/** Where the clusters of a run are kept: on its stack, since a process can run several, and a program have two copies of this package. */
const key = Symbol.for("aks-certificate-rotation.clusters");

type Stack = pulumi.Resource & { [key]?: Map<string, Claim[]> };

interface Claim {
    component: pulumi.Resource;
    name: string;
}

/**
 * Claims a cluster for a component of this run.
 *
 * @param id of the cluster, or what else names it, lower case
 * @throws Error when another component of the run has it: raised together, they would rotate it twice
 */
export function claimCluster(id: string, claim: Claim): void {
    const stack: Stack | undefined = pulumi.runtime.getStackResource();
    if (stack === undefined) {
        // A program under test, which has no stack.
        return;
    }
    stack[key] ??= new Map();
    const claims = stack[key].get(id) ?? [];
    if (!claims.some(({ component }) => component === claim.component)) {
        stack[key].set(id, [...claims, claim]);
    }
    refuseSecond(id, claim, claims);
}

/**
 * Settles when the components that the program makes beside one have claimed their clusters. What the engine has been asked
 * for already is done, also where the program has failed by then: so the first of two waits, and is not rotated either.
 *
 * @throws Error when another one has claimed the same cluster
 */
export async function soleClaim(claim: Claim): Promise<void> {
    const stack: Stack | undefined = pulumi.runtime.getStackResource();
    await setImmediate();
    for (const [id, claims] of stack?.[key] ?? []) {
        if (claims.some(({ component }) => component === claim.component)) {
            refuseSecond(id, claim, claims);
        }
    }
}

function refuseSecond(id: string, { component }: Claim, claims: Claim[]): void {
    const other = claims.find((one) => one.component !== component);
    if (other !== undefined) {
        throw new Error(
            `the cluster ${id} is that of the component "${other.name}" of this program, too: both together would rotate it ` +
                "twice. Remove one of the two, and use the outputs of the other. (Removing one does nothing to the cluster.)",
        );
    }
}

/**
 * What names a cluster in arguments as far as they are plain text, lower case: its id, and its names alone where it is in
 * azure-native's subscription, which is the same for all components that name none. Nothing where they are not plain, or wrong.
 *
 * @param subscriptionId where it is known
 * @param isAmbient whether the component is for azure-native's subscription by the environment and the stack's config
 */
export function plainNames(args: PlainArguments, subscriptionId: unknown, isAmbient: boolean): string[] {
    const names = namesIn(args);
    if (names === undefined) {
        return [];
    }
    const { resourceGroupName, clusterName } = names;
    const subscription = names.subscriptionId ?? subscriptionId;
    return [
        ...(typeof subscription === "string" ? [clusterId(subscription, resourceGroupName, clusterName)] : []),
        ...(isAmbient ? [`${resourceGroupName}/${clusterName}`.toLowerCase()] : []),
    ];
}

type Names = Omit<ClusterIdParts, "subscriptionId"> & { subscriptionId?: string };

function namesIn({ clusterId: id, resourceGroupName, clusterName }: PlainArguments): Names | undefined {
    if (typeof id === "string") {
        try {
            return parseClusterId(id);
        } catch {
            return undefined;
        }
    }
    return typeof resourceGroupName === "string" && typeof clusterName === "string"
        ? { resourceGroupName, clusterName }
        : undefined;
}
