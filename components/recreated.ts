import { getManagedCluster } from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import type { RotationRecord } from "../formats/record";
import type { CheckedArguments } from "./arguments";

/** What is known of a cluster: its record, and the fingerprints of the CA that it has now. */
interface Known {
    record: pulumi.Output<RotationRecord>;
    caFingerprints: pulumi.Output<string[]>;
}

/**
 * Warns, in a preview and in an up, where a cluster has been deleted and created again under its name since its record was
 * made: what a stack has in it is gone, and only a refresh finds that out. Azure is asked only where the CA is another one
 * than the record's, as after any rotation by others; what comes of that fails nothing.
 */
export function warnIfRecreated(
    resource: pulumi.Resource,
    args: pulumi.Output<CheckedArguments>,
    { record, caFingerprints }: Known,
    opts: pulumi.InvokeOptions,
): pulumi.Output<void> {
    return pulumi.all([args, record, caFingerprints]).apply(async ([names, { resourceUID, caAfter }, now]) => {
        if (!isUid(resourceUID) || now.some((fingerprint) => caAfter.includes(fingerprint))) {
            return;
        }
        const { resourceGroupName, clusterName } = names;
        const cluster = await getManagedCluster({ resourceGroupName, resourceName: clusterName }, opts).catch(
            () => undefined,
        );
        if (isUid(cluster?.resourceUID) && cluster.resourceUID !== resourceUID) {
            await pulumi.log.warn(
                `The cluster "${clusterName}" has been deleted and created again since its rotation record was made. What this ` +
                    "stack had in it is gone, though the state still has it: run `pulumi up --refresh` once. A raised " +
                    "rotationGeneration then adopts the new cluster, and rotates nothing.",
                resource,
            );
        }
    });
}

/** Version 0.1.0 recorded the cluster's ARM id where Azure gave no UID. */
function isUid(resourceUID: string | undefined): resourceUID is string {
    return resourceUID !== undefined && resourceUID !== "" && !resourceUID.startsWith("/");
}
