import type { ClusterNames } from "../azure/cluster-names";
import type { Io } from "./io";
import { findSubscription } from "./subscription";
import { type ClusterOptions, whichCluster } from "./which-cluster";

/** What the options name; the az CLI is asked for a subscription only where nothing else says which. */
export async function namesOf(options: ClusterOptions, io: Pick<Io, "env" | "err">): Promise<ClusterNames> {
    const { clusterId, resourceGroup, name, subscription } = options;
    const isIncomplete = clusterId === undefined && Boolean(resourceGroup) && Boolean(name);
    return whichCluster(
        isIncomplete ? { ...options, subscription: await findSubscription(subscription, io) } : options,
        io.env,
    );
}
