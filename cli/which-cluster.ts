import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterNames } from "../azure/cluster-names";
import { clusterId, parseClusterId } from "../formats/cluster-id";
import { UsageError } from "./usage-error";

/** Options that say which cluster is meant, as commander reads them. */
export interface ClusterOptions {
    clusterId?: string;
    resourceGroup?: string;
    name?: string;
    subscription?: string;
    admin?: boolean;
    publicFqdn?: boolean;
}

/** Adds the options that say which cluster is meant, and whose credentials are read. */
export function withClusterOptions(command: Command): Command {
    return command
        .option("--cluster-id <id>", "ARM id of the cluster")
        .option("-g, --resource-group <group>", "resource group")
        .option("-n, --name <name>", "name of the cluster in the resource group")
        .option("--subscription <id>", "id of the subscription (default: ARM_SUBSCRIPTION_ID, else the az CLI's)")
        .option("-a, --admin", "the cluster admin's credentials, not the cluster user's")
        .option("--public-fqdn", "the public name of a private cluster's API server");
}

/** The option for the only Microsoft Entra ID application that tokens for API servers are requested for. */
export function serverApplicationOption(): Option {
    return new Option(
        "--server-application-id <id>",
        "the component's argument of that name (default: the AKS server application)",
    ).argParser((value) => {
        if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) {
            throw new InvalidArgumentError("It must be the id of an application of Microsoft Entra ID (a UUID).");
        }
        return value;
    });
}

/**
 * The cluster that the options name.
 *
 * @throws UsageError when they name none, or two; Error when the id is of something else
 */
export function whichCluster(options: ClusterOptions, env: Record<string, string | undefined>): ClusterNames {
    const which: Pick<ClusterNames, "credentials" | "serverFqdn"> = {
        credentials: options.admin === true ? "admin" : "user",
        ...(options.publicFqdn === true && { serverFqdn: "public" }),
    };
    if (options.clusterId !== undefined) {
        if (options.resourceGroup !== undefined || options.name !== undefined || options.subscription !== undefined) {
            throw new UsageError(
                "--cluster-id says it all: leave out --resource-group, --name and --subscription, or leave it out.",
            );
        }
        const parts = parseClusterId(options.clusterId);
        return {
            ...parts,
            clusterId: clusterId(parts.subscriptionId, parts.resourceGroupName, parts.clusterName),
            ...which,
        };
    }
    const resourceGroupName = given(options.resourceGroup, "--resource-group");
    const clusterName = given(options.name, "--name");
    const subscriptionId = options.subscription || env.ARM_SUBSCRIPTION_ID;
    if (!subscriptionId) {
        throw new UsageError("--subscription is missing, and ARM_SUBSCRIPTION_ID is not set. Give one of the two.");
    }
    return {
        subscriptionId,
        resourceGroupName,
        clusterName,
        clusterId: clusterId(subscriptionId, resourceGroupName, clusterName),
        ...which,
    };
}

function given(value: string | undefined, option: string): string {
    if (!value) {
        throw new UsageError(`${option} is missing. Say which cluster: --cluster-id, or --resource-group and --name.`);
    }
    return value;
}
