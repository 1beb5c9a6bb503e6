import * as pulumi from "@pulumi/pulumi";
import { parseClusterId } from "../formats/cluster-id";
import { argumentNames, type PlainArguments, readArgument } from "./arguments";
import type {
    CredentialKind,
    KubeconfigFormat,
    PreflightMode,
    ServerFqdn,
    VerifyMode,
    VerifyThrough,
} from "./enumerations";
import { didYouMean } from "./nearest";
import { PlainRunError } from "./plain-run-error";

/** Settings of one cluster in the stack's config. Each that is not given has the default of the component's argument. */
export interface ClusterSettings {
    /** Name of the component and of its outputs; unique in the stack. @default the cluster's name */
    name: string;
    /** Name that the component had before: what the stack has under it is taken over. */
    formerName?: string | undefined;
    /** The rotation generation: a whole number from 0 to 9007199254740991. */
    rotationGeneration: number;
    /** Id of the cluster's subscription. */
    subscriptionId?: string | undefined;
    /** Whose kubeconfig is read. */
    credentials?: CredentialKind | undefined;
    /** The kubeconfig of a user of Microsoft Entra ID. */
    format?: KubeconfigFormat | undefined;
    /** The API server's name in the kubeconfig of a private cluster. */
    serverFqdn?: ServerFqdn | undefined;
    /** Verification of a rotation. */
    verify?: VerifyMode | undefined;
    /** Checks before a rotation is started. */
    preflight?: PreflightMode | undefined;
    /** How the API server is reached. */
    verifyThrough?: VerifyThrough | undefined;
    /** The server application of the legacy integration with Microsoft Entra ID. */
    serverApplicationId?: string | undefined;
    /** How long an `up` waits for a rotation, such as `60m`. */
    timeout?: string | undefined;
    /** How long credentials and API server may lag behind Azure's *Succeeded*, such as `10m`. */
    settleTimeout?: string | undefined;
    /** The program writes the rotation record to a ConfigMap in the cluster. @default true */
    writeRecord: boolean;
    /** Namespace of that ConfigMap. @default "default" */
    recordNamespace: string;
}

/** A cluster that the stack's config names by resource group and name. */
export interface ClusterConfigByName extends ClusterSettings {
    /** Name of the resource group of the cluster. */
    resourceGroupName: string;
    /** Name of the managed cluster. */
    clusterName: string;
    /** The names name the cluster already. */
    clusterId?: undefined;
}

/** A cluster that the stack's config names by its ARM id. */
export interface ClusterConfigById extends ClusterSettings {
    /** ARM id of the managed cluster. */
    clusterId: string;
    /** The id names the cluster already. */
    resourceGroupName?: undefined;
    /** The id names the cluster already. */
    clusterName?: undefined;
}

/** One cluster in the stack's config. */
export type ClusterConfig = ClusterConfigByName | ClusterConfigById;

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

type Key = keyof PlainArguments | "name" | "formerName" | "writeRecord";

/** The keys of one cluster. */
const clusterKeys: readonly Key[] = [...argumentNames, "name", "formerName", "writeRecord"];

/** Values by key, as they are read; a key whose value is wrong is there too. */
type Values = Partial<Record<Key, unknown>>;

/**
 * Reads the clusters from a stack's config: either the keys of one cluster (`resourceGroupName` and `clusterName`, or
 * `clusterId`; `rotationGeneration`, …), or `clusters`, a list of objects with these keys, to which the top-level keys are defaults.
 * `writeRecord` (default true) writes the rotation record to a ConfigMap in the cluster, in `recordNamespace`
 * (default "default").
 *
 * @param config the stack's config in the program's namespace
 * @param keys the keys that may be none but those of the clusters, such as `configKeys()`: any other is refused. A program
 *   that has keys of its own leaves these out. @default none: other keys at the top level are ignored
 * @throws RunError that lists every key that is wrong, missing or unknown, with what would be right
 */
export function readStackConfig(config: ConfigReader, keys: readonly string[] = []): StackConfig {
    const problems: string[] = [];
    for (const key of unknownAmong(keys, [...clusterKeys, "clusters"])) {
        problems.push(`${noSuchKey(key, [...clusterKeys, "clusters"])} (pulumi config rm ${key})`);
    }
    const common = readValues((key) => config.get(key), "", problems);
    const list = config.get("clusters");
    const clusters = list === undefined ? [complete(common, undefined, problems)] : readList(list, common, problems);
    if (problems.length > 0) {
        throw new PlainRunError(`The stack's config is not complete or not right:\n  ${problems.join("\n  ")}`);
    }
    return { clusters, isList: list !== undefined };
}

/**
 * The keys that a stack's config has in one namespace, those with secret values among them.
 *
 * @param namespace of the keys. @default the project's name, as for `new pulumi.Config()`
 */
export function configKeys(namespace = pulumi.getProject()): string[] {
    const prefix = `${namespace}:`;
    return Object.keys(pulumi.runtime.allConfig())
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length));
}

function readList(text: string, common: Values, problems: string[]): ClusterConfig[] {
    const items = parseList(text);
    if (items === undefined || items.length === 0) {
        problems.push("clusters must be a list of clusters, with at least one.");
        return [];
    }
    const { clusterId, ...defaults } = common;
    if ("clusterId" in common) {
        problems.push(misplaced("clusterId", "it names one cluster, beside those of the list"));
    }
    const clusters = items.flatMap((item, i) => {
        const path = `clusters[${i}].`;
        if (typeof item !== "object" || item === null || Array.isArray(item)) {
            problems.push(`clusters[${i}] must be an object with resourceGroupName, clusterName, ….`);
            return [];
        }
        for (const key of unknownAmong(Object.keys(item), clusterKeys)) {
            problems.push(path + noSuchKey(key, clusterKeys));
        }
        const own = readValues(
            (key) => (Object.hasOwn(item, key) ? item[key as keyof typeof item] : undefined),
            path,
            problems,
        );
        const { resourceGroupName, clusterName, ...others } = defaults;
        return [complete({ ...("clusterId" in own ? others : defaults), ...own }, path, problems)];
    });
    const names = clusters.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined && problems.length === 0) {
        problems.push(
            twice === common.name
                ? misplaced("name", "it would be the name of every cluster of the list")
                : `clusters names ${twice} twice. Give one of the two a "name" of its own.`,
        );
    }
    const former = clusters.flatMap(({ formerName }) => formerName ?? []);
    const taken = former.find((name, i) => names.includes(name) || former.indexOf(name) !== i);
    if (taken !== undefined && problems.length === 0) {
        problems.push(
            taken === common.formerName
                ? misplaced("formerName", "it would be the formerName of every cluster of the list")
                : `clusters has the formerName "${taken}", which is the name or the formerName of another cluster too. ` +
                      "A cluster takes over what the stack has under one name: each name can stand there once.",
        );
    }
    return clusters;
}

function misplaced(key: Key, why: string): string {
    return `${key}: at the top level ${why}. Give it to one of the list: pulumi config rm ${key}`;
}

/** A list in which numbers, booleans and null are text as they would be at the top level; undefined where it is none. */
function parseList(text: string): unknown[] | undefined {
    // TypeScript does not know the third argument yet.
    const asText = (_key: string, value: unknown, context?: { source?: string }) =>
        value === null ? "" : typeof value === "object" || typeof value === "string" ? value : context?.source;
    try {
        const list: unknown = JSON.parse(text, asText);
        return Array.isArray(list) ? list : undefined;
    } catch {
        return undefined;
    }
}

function unknownAmong(keys: readonly string[], known: readonly string[]): string[] {
    return keys.filter((key) => !known.includes(key));
}

function noSuchKey(key: string, known: readonly string[]): string {
    return `${key}: there is no such key.${didYouMean(key, known) || ` There are ${known.join(", ")}.`}`;
}

/** Reads the keys of one cluster that are there, and says which of their values are wrong. */
function readValues(get: (key: Key) => unknown, path: string, problems: string[]): Values {
    const values: Values = {};
    for (const key of clusterKeys) {
        const given = get(key);
        if (given !== undefined) {
            try {
                values[key] = readValue(key, given);
            } catch (error) {
                values[key] = undefined;
                problems.push(path + (error as Error).message);
            }
        }
    }
    return values;
}

/** @throws Error that says what would be right */
function readValue(key: Key, given: unknown): unknown {
    if (key === "writeRecord") {
        if (given !== "true" && given !== "false") {
            throw new Error(`writeRecord is ${JSON.stringify(given)}, but must be true or false.`);
        }
        return given === "true";
    }
    if (key === "name" || key === "formerName") {
        if (typeof given !== "string" || given.trim() === "") {
            throw new Error(`${key} is ${JSON.stringify(given)}, but must be a name.`);
        }
        return given;
    }
    const value = key === "rotationGeneration" ? toNumber(given) : given;
    readArgument(key, value);
    return value;
}

/** Stack config is text: one that is a number, and can be kept exactly, is read as that. */
function toNumber(given: unknown): unknown {
    const isNumber = typeof given === "string" && /^-?\d+(\.\d+)?$/.test(given.trim());
    return isNumber && Math.abs(Number(given)) <= Number.MAX_SAFE_INTEGER ? Number(given) : given;
}

/**
 * Fills in the defaults, and says what is missing.
 *
 * @param path of the cluster in a list, for messages; undefined of the one at the top level
 */
function complete(values: Values, path: string | undefined, problems: string[]): ClusterConfig {
    const names = ["resourceGroupName", "clusterName"] as const;
    const twice = names.filter((key) => key in values);
    if ("clusterId" in values && twice.length > 0) {
        problems.push(
            `${path ?? ""}${twice.join(", ")}: clusterId names the cluster already. Leave one of the two out.`,
        );
    }
    for (const key of ["clusterId" in values ? [] : names, "rotationGeneration" as const].flat()) {
        if (!(key in values)) {
            const command = `pulumi config set ${key} ${key === "rotationGeneration" ? "1" : `<${key}>`}`;
            problems.push(
                path === undefined
                    ? `${key} is missing: ${command}`
                    : `${path}${key} is missing: set it there, or for all of the list: ${command}`,
            );
        }
    }
    const { clusterId, clusterName } = values;
    const ownName = typeof clusterId === "string" ? parseClusterId(clusterId).clusterName : clusterName;
    const name = values.name ?? ownName;
    if (values.formerName !== undefined && values.formerName === name) {
        problems.push(
            `${path ?? ""}formerName: "${name}" is the name of now. Give the one of before, or leave it out.`,
        );
    }
    // What is missing or wrong is among the problems, with which nothing of it is used.
    return { writeRecord: true, recordNamespace: "default", ...values, name } as ClusterConfig;
}
