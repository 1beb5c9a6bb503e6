import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseDocument } from "yaml";

/** How to reach an API server; the fields of a kubeconfig's `cluster`. */
export interface Cluster {
    server?: string;
    "certificate-authority"?: string;
    "certificate-authority-data"?: string;
    "insecure-skip-tls-verify"?: boolean;
    "tls-server-name"?: string;
    "proxy-url"?: string;
}

/** A program that prints credentials, as kubelogin does. */
export interface Exec {
    apiVersion?: string;
    command: string;
    args?: string[] | null;
    /** What is said where the program is not there. */
    installHint?: string;
    interactiveMode?: string;
    env?: { name: string; value: string }[] | null;
}

/** Who to be; the fields of a kubeconfig's `user`. */
export interface User {
    "client-certificate"?: string;
    "client-certificate-data"?: string;
    "client-key"?: string;
    "client-key-data"?: string;
    token?: string;
    tokenFile?: string;
    username?: string;
    password?: string;
    exec?: Exec;
    /** Built into clients of older Kubernetes; none is left but for `oidc`. */
    "auth-provider"?: { name: string };
}

export interface Context {
    cluster?: string;
    user?: string;
    namespace?: string;
}

/** A parsed kubeconfig. */
export interface Kubeconfig {
    currentContext: string;
    clusters: Record<string, Cluster>;
    contexts: Record<string, Context>;
    users: Record<string, User>;
}

/** What the provider's arguments `context` and `cluster` choose instead of what the kubeconfig says. */
export interface Overrides {
    context?: string;
    cluster?: string;
}

/** The cluster and user that a kubeconfig chooses, and the namespace for objects that name none. */
export interface Choice {
    cluster: Cluster;
    user: User;
    namespace: string;
}

type Document = Record<string, unknown>;

function byName<T>(document: Document, list: string, field: string): Record<string, T> {
    const items = document[list];
    const entries = Array.isArray(items) ? items : [];
    return Object.fromEntries(entries.map((item: Document) => [item.name, item[field] ?? {}]));
}

/**
 * Parses a kubeconfig, YAML or JSON. An empty one is an empty configuration.
 *
 * @throws Error worded as the Go parser does for the commonest of mistakes.
 */
export function parseKubeconfig(text: string): Kubeconfig {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error) {
        throw new Error(`yaml: line ${error.linePos?.[0].line ?? 1}: did not find expected node content`);
    }
    const content: unknown = document.toJS() ?? {};
    if (typeof content !== "object" || content === null || Array.isArray(content)) {
        throw new Error("couldn't get version/kind; json parse error: it is not an object");
    }
    const config = content as Document;
    return {
        currentContext: String(config["current-context"] ?? ""),
        clusters: byName(config, "clusters", "cluster"),
        contexts: byName(config, "contexts", "context"),
        users: byName(config, "users", "user"),
    };
}

/** The cluster that a kubeconfig chooses; undefined where it chooses none. */
export function activeCluster(config: Kubeconfig, overrides: Overrides): Cluster | undefined {
    const context = config.contexts[overrides.context || config.currentContext];
    const name = overrides.cluster || context?.cluster;
    return name === undefined ? undefined : config.clusters[name];
}

/**
 * What a kubeconfig chooses.
 *
 * @throws Error worded as client-go does, where the kubeconfig chooses nothing, or something that it does not have.
 */
export function choose(config: Kubeconfig, overrides: Overrides): Choice {
    const name = overrides.context || config.currentContext;
    const context = config.contexts[name];
    const cluster = activeCluster(config, overrides);
    if (!context && name !== "") {
        throw new Error(`context "${name}" does not exist`);
    }
    if (!cluster?.server) {
        throw new Error(
            "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable",
        );
    }
    const user = context?.user === undefined ? undefined : config.users[context.user];
    return { cluster, user: user ?? {}, namespace: context?.namespace || "default" };
}

const relativePaths = ["certificate-authority", "client-certificate", "client-key", "tokenFile"] as const;

/** Loads a kubeconfig file; paths in it are relative to the file itself. */
function loadFile(file: string): Kubeconfig {
    const config = parseKubeconfig(readFileSync(file, "utf8"));
    for (const item of [...Object.values(config.clusters), ...Object.values(config.users)]) {
        const paths = item as Record<string, unknown>;
        for (const field of relativePaths) {
            const path = paths[field];
            if (typeof path === "string" && path !== "") {
                paths[field] = resolve(dirname(file), path);
            }
        }
    }
    return config;
}

/**
 * Loads what the user gave as `kubeconfig`: a file's name or its content; without either, the files named in KUBECONFIG
 * (where one that comes first wins), or `~/.kube/config`.
 */
export function loadKubeconfig(pathOrContent: string | undefined): Kubeconfig {
    if (pathOrContent) {
        const isFile = !pathOrContent.includes("\n") && pathOrContent.length < 4096 && existsSync(pathOrContent);
        return isFile ? loadFile(pathOrContent) : parseKubeconfig(pathOrContent);
    }
    const named = process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [];
    const files = named.length > 0 ? named : [join(homedir(), ".kube", "config")];
    const configs = files.filter((file) => existsSync(file)).map(loadFile);
    const merged = <T>(of: (config: Kubeconfig) => Record<string, T>): Record<string, T> =>
        Object.assign({}, ...configs.map(of).reverse());
    return {
        currentContext: configs.find((config) => config.currentContext !== "")?.currentContext ?? "",
        clusters: merged((config) => config.clusters),
        contexts: merged((config) => config.contexts),
        users: merged((config) => config.users),
    };
}
