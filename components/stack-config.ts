import * as z from "zod/mini";
import { parseClusterId } from "../formats/cluster-id";

const key = {
    name: z.string(),
    formerName: z.string(),
    resourceGroupName: z.string(),
    clusterName: z.string(),
    clusterId: z.string(),
    rotationGeneration: z.number(),
    subscriptionId: z.string(),
    credentials: z.string(),
    format: z.string(),
    serverFqdn: z.string(),
    verify: z.string(),
    preflight: z.string(),
    verifyThrough: z.string(),
    serverApplicationId: z.string(),
    timeout: z.string(),
    settleTimeout: z.string(),
    writeRecord: z.boolean(),
    recordNamespace: z.string(),
};

const optional = <T extends z.ZodMiniType>(type: T) => z.optional(type);

const shape = {
    name: optional(key.name),
    formerName: optional(key.formerName),
    rotationGeneration: key.rotationGeneration,
    subscriptionId: optional(key.subscriptionId),
    credentials: optional(key.credentials),
    format: optional(key.format),
    serverFqdn: optional(key.serverFqdn),
    verify: optional(key.verify),
    preflight: optional(key.preflight),
    verifyThrough: optional(key.verifyThrough),
    serverApplicationId: optional(key.serverApplicationId),
    timeout: optional(key.timeout),
    settleTimeout: optional(key.settleTimeout),
    writeRecord: z._default(key.writeRecord, true),
    recordNamespace: z._default(key.recordNamespace, "default"),
};

const ClusterByName = z.strictObject({
    resourceGroupName: key.resourceGroupName,
    clusterName: key.clusterName,
    ...shape,
});

const ClusterById = z.strictObject({ clusterId: key.clusterId, ...shape });

/** Settings of one cluster in the stack's config. Each that is not given has the default of the component's argument. */
export interface ClusterSettings {
    /** Name of the component and of its outputs; unique in the stack. Default: the cluster's name. */
    name: string;
    /** Name that the component had before: what the stack has under it is taken over. Default: none. */
    formerName?: string | undefined;
    /** The rotation generation: a whole number, 0 or more. */
    rotationGeneration: number;
    /** Id of the cluster's subscription. */
    subscriptionId?: string | undefined;
    /** Whose kubeconfig is read: `user` or `admin`. */
    credentials?: string | undefined;
    /** The kubeconfig of a user of Microsoft Entra ID: `exec` or `azure`. */
    format?: string | undefined;
    /** The API server's name in the kubeconfig: `public` or `private`. */
    serverFqdn?: string | undefined;
    /** Verification of a rotation: `required`, `bestEffort` or `off`. */
    verify?: string | undefined;
    /** Checks before a rotation is started: `required`, `warn` or `off`. */
    preflight?: string | undefined;
    /** How the API server is reached: `direct` or `runCommand`. */
    verifyThrough?: string | undefined;
    /** The server application of the legacy integration with Microsoft Entra ID. */
    serverApplicationId?: string | undefined;
    /** How long an `up` waits for a rotation, such as `60m`. */
    timeout?: string | undefined;
    /** How long credentials and API server may lag behind Azure's *Succeeded*, such as `10m`. */
    settleTimeout?: string | undefined;
    /** Write the rotation record to a ConfigMap in the cluster. Default: true. */
    writeRecord: boolean;
    /** Namespace of that ConfigMap. Default: `default`. */
    recordNamespace: string;
}

/** A cluster that the stack's config names by resource group and name. */
export interface ClusterConfigByName {
    /** Name of the resource group of the cluster. */
    resourceGroupName: string;
    /** Name of the managed cluster. */
    clusterName: string;
}

/** A cluster that the stack's config names by its ARM id. */
export interface ClusterConfigById {
    /** ARM id of the managed cluster. */
    clusterId: string;
}

/** One cluster in the stack's config. */
export type ClusterConfig = (ClusterConfigByName | ClusterConfigById) & ClusterSettings;

/** The clusters that a stack's config names. */
export interface StackConfig {
    /** The clusters, in the order of the config. */
    clusters: ClusterConfig[];
    /** Whether they are a list under `clusters`, rather than one cluster at the top level. */
    isList: boolean;
}

/** What is read of `pulumi.Config`. */
export interface ConfigReader {
    /** The value of a key of the config; undefined where it is not set. */
    get(key: string): string | undefined;
}

/**
 * Reads the clusters from a stack's config: either the keys of one cluster (`resourceGroupName` and `clusterName`, or
 * `clusterId`; `rotationGeneration`, …), or `clusters`, a list of objects with these keys, to which the top-level keys are defaults.
 * `writeRecord` (default true) writes the rotation record to a ConfigMap in the cluster, in `recordNamespace`
 * (default "default").
 *
 * @param config such as `new pulumi.Config()`
 * @throws Error that lists every key that is wrong, missing or unknown, with the command that sets it right
 */
export function readStackConfig(config: ConfigReader): StackConfig {
    const common: Record<string, unknown> = {};
    for (const name of Object.keys(key)) {
        const text = config.get(name);
        if (text !== undefined) {
            common[name] = plain(name, text);
        }
    }
    const list = config.get("clusters");
    if (list === undefined) {
        return { clusters: [checkCluster(common, "")], isList: false };
    }
    const items: unknown = parseJson(list);
    if (!Array.isArray(items) || items.length === 0) {
        throw new Error("The config key clusters must be a list of clusters, with at least one.");
    }
    const clusters = items.map((item, i) => {
        if (typeof item !== "object" || item === null || Array.isArray(item)) {
            throw new Error(`The config key clusters[${i}] must be an object with resourceGroupName, clusterName, ….`);
        }
        const { resourceGroupName, ...others } = common;
        const defaults = "clusterId" in item ? others : common;
        return checkCluster({ ...defaults, ...item }, `clusters[${i}].`);
    });
    const names = clusters.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) {
        throw new Error(`The config key clusters names ${twice} twice. Give one of the two a "name" of its own.`);
    }
    const former = clusters.flatMap(({ formerName }) => formerName ?? []);
    const taken = former.find((name, i) => names.includes(name) || former.indexOf(name) !== i);
    if (taken !== undefined) {
        throw new Error(
            `The config key clusters has the formerName "${taken}", which is the name or the formerName of another cluster too. ` +
                "A cluster takes over what the stack has under one name: each name can stand there once.",
        );
    }
    return { clusters, isList: true };
}

function checkCluster(values: Record<string, unknown>, path: string): ClusterConfig {
    const result = (values.clusterId === undefined ? ClusterByName : ClusterById).safeParse(values);
    if (result.success) {
        return { ...result.data, name: result.data.name ?? nameOf(result.data, path) };
    }
    const lines = result.error.issues.map((issue) => {
        if (issue.code === "unrecognized_keys") {
            const twice = issue.keys.filter((name) => Object.hasOwn(key, name));
            if (twice.length > 0) {
                return `${path}${twice.join(", ")}: clusterId names the cluster already. Leave one of the two out.`;
            }
            return `${path}${issue.keys.join(", ")}: there is no such key. There are ${Object.keys(key).join(", ")}.`;
        }
        const name = String(issue.path[0]);
        const found = values[name];
        const what =
            found === undefined ? "is missing" : `is ${JSON.stringify(found)}, but must be a ${expectation(name)}`;
        const fix = path === "" ? `: pulumi config set ${name} ${example(name)}` : "";
        return `${path}${name} ${what}${fix}`;
    });
    throw new Error(`The stack's config is not complete or not right:\n  ${lines.join("\n  ")}`);
}

/** @throws Error when it has an id that is none of a managed cluster */
function nameOf(cluster: { clusterName: string } | { clusterId: string }, path: string): string {
    if ("clusterName" in cluster) {
        return cluster.clusterName;
    }
    try {
        return parseClusterId(cluster.clusterId).clusterName;
    } catch (error) {
        throw new Error(`The stack's config is not right:\n  ${path}clusterId: ${(error as Error).message}`);
    }
}

function expectation(name: string): string {
    return name === "rotationGeneration" ? "whole number, 0 or more" : name === "writeRecord" ? "boolean" : "string";
}

function example(name: string): string {
    return name === "rotationGeneration" ? "1" : name === "writeRecord" ? "false" : `<${name}>`;
}

/** Stack config is text: what should be a number or a boolean is read as one where it looks like one. */
function plain(name: string, text: string): unknown {
    if (name === "rotationGeneration") {
        return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    }
    if (name === "writeRecord") {
        return text === "true" ? true : text === "false" ? false : text;
    }
    return text;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
