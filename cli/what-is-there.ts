import type { Cloud } from "../azure/cloud";
import type { ClusterNames } from "../azure/cluster-names";
import { otherKind } from "../azure/other-kind";
import type { SignIn } from "../azure/sign-in";
import { within } from "../rotator/in-time";

const lookMs = 10_000;

/** What there is under a cluster's name where there is no AKS cluster: a sentence; undefined where nothing is known. */
export function whatIsThere(
    names: Pick<ClusterNames, "subscriptionId" | "resourceGroupName" | "clusterName">,
    cloud: Cloud,
    signIn: SignIn,
): Promise<string | undefined> {
    return within(lookMs, (signal) => otherKind(names, cloud, signIn, signal)).catch(() => undefined);
}
