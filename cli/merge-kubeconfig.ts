import { isDeepStrictEqual } from "node:util";
import { type Document, isCollection, isMap, isScalar, isSeq, parse, type YAMLMap, YAMLSeq } from "yaml";
import { YAML_OPTIONS } from "../formats/yaml-options";
import {
    type Config,
    configOf,
    findEntry as find,
    inner,
    jsonIn,
    type List,
    lists,
    openText,
    readDocument,
    written,
} from "./kubeconfig-document";
import { type LoginMethod, loginOf, mergedExec } from "./kubelogin";
import { type ClusterEntry, isTunnelTo, leadsTo } from "./same-cluster";

/** What a merge has made of a user's kubeconfig. Holds secrets. */
export interface Merged {
    text: string;
    /** Name of the context that is the current one now. */
    context: string;
    /** Names of the entries that were there and are other ones now, such as `clusters "blue"`. */
    replaced: string[];
    /** How the user's kubelogin signs in, such as devicecode; undefined where it does not say, or there is none. */
    login: string | undefined;
}

/** How a merge is to be done. */
export interface MergeOptions {
    /** Name for context and cluster in place of AKS's, as `az aks get-credentials --context` has it. Default: AKS's. */
    context?: string;
    /** Whether an entry of the same name that is of another cluster is replaced too. Default: false, it is an error. */
    overwrite?: boolean;
    /** How kubelogin is to sign in. Default: as in the user's kubeconfig, else as AKS says. */
    login?: LoginMethod | undefined;
    /** The other files that make up the user's kubeconfig: their entries are not to be shadowed by accident. Default: none. */
    others?: readonly string[];
}

/** What a user adds to an entry by hand, and no rotation changes: it stays when the entry is replaced. */
const kept: Record<List, readonly string[]> = {
    clusters: ["proxy-url", "disable-compression", "extensions"],
    users: ["extensions"],
    contexts: ["namespace", "extensions"],
};

/**
 * Merges the kubeconfig that AKS gives into a user's, as `az aks get-credentials` does: entries of the same name are
 * replaced where they stand, others are added, and the new context becomes the current one. Comments, the order, the line
 * breaks, and all other entries stay as they are, and JSON stays JSON. A user whose name is that of another API server's has
 * `context` after its name, so that both work. A user's `exec` stays where it fetches the same token in another way, and so
 * does the address of an entry that leads to the API server through a tunnel. No I/O.
 *
 * @param existing the user's kubeconfig, YAML or JSON; empty where there is none yet
 * @param addition as AKS gives it: one cluster, one user, one context
 * @throws Error when one of them cannot be read, or an entry of the same name is of another cluster; it repeats no contents
 */
export function mergeKubeconfig(existing: string, addition: string, options: MergeOptions = {}): Merged {
    const { document: added, context } = renamed(addition, options.context);
    const { target, write } = openText(existing);
    const before = configOf(target);
    const everywhere = concatenated([before, ...(options.others ?? []).map((text) => configOf(openText(text).target))]);
    if (!options.overwrite) {
        if (options.context !== undefined) {
            keepUserApart(everywhere, added, options.context);
        }
        refuseOthers(everywhere, added.toJS() as Config);
    }
    const login = chooseExec(everywhere, added, options.login);
    keepTunnel(everywhere, added);
    if (target.contents === null) {
        // Comments of a file that is otherwise empty are the user's too.
        const comments = [target.commentBefore, target.comment].filter(Boolean).join("\n");
        added.commentBefore = comments || added.commentBefore;
        return { text: write(added), context, replaced: [], login };
    }
    const addedJs = added.toJS() as Config;
    for (const list of lists) {
        mergeList(target, added, list);
    }
    target.set("current-context", context);
    const { text, config } = safely(target, { existing, write }, before, addedJs);
    const replaced = lists.flatMap((list) =>
        (addedJs[list] ?? [])
            .map(({ name }) => [name, find(before, list, name), find(config, list, name)] as const)
            .filter(([, old, now]) => old !== undefined && !isDeepStrictEqual(old, now))
            .map(([name]) => `${inner[list]} "${name}"`),
    );
    return { text, context, replaced, login };
}

/**
 * The names of the entries that AKS's kubeconfig adds to a user's.
 *
 * @throws Error when it is no kubeconfig
 */
export function addedNames(addition: string, context?: string): Record<List, string[]> {
    const added = renamed(addition, context).document.toJS() as Config;
    const namesOf = (list: List) => (added[list] ?? []).flatMap(({ name }) => name ?? []);
    return { clusters: namesOf("clusters"), users: namesOf("users"), contexts: namesOf("contexts") };
}

/**
 * The kubeconfig that AKS gives, with the names that `az aks get-credentials` gives it: `context` for context and
 * cluster, and `-admin` after the name of an admin's context, so that it stands beside the user's.
 *
 * @throws Error when it is no kubeconfig
 */
export function nameKubeconfig(addition: string, context?: string, login?: LoginMethod): string {
    const { document } = renamed(addition, context);
    chooseExec({}, document, login);
    return written(document, addition);
}

/** The entries of several kubeconfigs; of two of one name the first one counts. */
function concatenated(configs: readonly Config[]): Config {
    return Object.fromEntries(lists.map((list) => [list, configs.flatMap((config) => config[list] ?? [])]));
}

/**
 * Gives the user that is added the `exec` that it is to have.
 *
 * @returns how it signs in; undefined where there is no `exec`, or it does not say
 * @throws Error where a way to sign in is asked for, and the user has no `exec`
 */
function chooseExec(before: Config, added: Document, login: LoginMethod | undefined): string | undefined {
    const [user] = (added.toJS() as Config).users ?? [];
    const fresh = user?.user?.exec;
    if (fresh !== undefined) {
        const old = find(before, "users", user?.name)?.user?.exec;
        const exec = mergedExec(old, fresh, login);
        added.setIn(["users", 0, "user", "exec"], added.createNode(exec));
        return loginOf(exec);
    }
    if (login !== undefined) {
        throw new Error(
            "--login says how kubelogin signs in, but the kubeconfig that AKS gave needs no kubelogin: leave it out.",
        );
    }
    return undefined;
}

/** Leaves the address of an entry that leads to this API server through a tunnel. */
function keepTunnel(before: Config, added: Document): void {
    const [cluster] = (added.toJS() as Config).clusters ?? [];
    const old = find(before, "clusters", cluster?.name)?.cluster;
    if (old !== undefined && isTunnelTo(old, cluster?.cluster?.server)) {
        added.setIn(["clusters", 0, "cluster", "server"], old.server);
        added.setIn(["clusters", 0, "cluster", "tls-server-name"], old["tls-server-name"]);
    }
}

function renamed(text: string, wanted: string | undefined): { document: Document; context: string } {
    const document = readDocument(text, "The kubeconfig that AKS gave");
    const { clusters, contexts, users } = (document.toJS() ?? {}) as Config;
    const [given] = contexts ?? [];
    if (!clusters?.[0]?.name || !users?.[0]?.name || !given?.name) {
        throw new Error("The kubeconfig that AKS gave has no cluster, no user or no context.");
    }
    if (wanted !== undefined) {
        document.setIn(["clusters", 0, "name"], wanted);
        document.setIn(["contexts", 0, "context", "cluster"], wanted);
    }
    let context = wanted ?? given.name;
    // AKS's own name for an admin's context is the cluster's; az adds the suffix, whatever the name, even one that has it.
    if (given.context?.user?.startsWith("clusterAdmin")) {
        context += "-admin";
    }
    document.setIn(["contexts", 0, "name"], context);
    document.set("current-context", context);
    return { document, context };
}

/** Renames the user that is added where one of its name is of another API server: groups of two subscriptions can have one name. */
function keepUserApart(before: Config, added: Document, context: string): void {
    const { clusters, users } = added.toJS() as Config;
    const name = users?.[0]?.name;
    if (otherServerOfUser(before, name, clusters?.[0]?.cluster?.server) !== undefined) {
        added.setIn(["users", 0, "name"], `${name}_${context}`);
        added.setIn(["contexts", 0, "context", "user"], `${name}_${context}`);
    }
}

/** The address of an API server other than this one that a user of that name is used for; undefined where there is none. */
function otherServerOfUser(before: Config, user: string | undefined, server: string | undefined): string | undefined {
    return (before.contexts ?? [])
        .filter((entry) => entry?.context?.user === user)
        .map((entry) => find(before, "clusters", entry?.context?.cluster)?.cluster)
        .find((old) => isOther(old, server))?.server;
}

/** Whether an entry is there that leads to another API server. */
function isOther(old: ClusterEntry | undefined, server: string | undefined): boolean {
    return old?.server !== undefined && !leadsTo(old, server);
}

/** @throws Error that names an entry of the same name which is of another API server */
function refuseOthers(before: Config, added: Config): void {
    const [cluster] = added.clusters ?? [];
    const server = cluster?.cluster?.server;
    const clusterOf = (name: string | undefined) => find(before, "clusters", name)?.cluster;
    const refuse = (list: List, name: string | undefined, old: string | undefined) => {
        throw new Error(
            `There is a ${inner[list]} "${name}" of another API server in the kubeconfig (${old}, and this is ${server}). ` +
                "Give --context NAME to have both, or --overwrite-existing to replace it, as where the cluster was made again.",
        );
    };
    const sameName = clusterOf(cluster?.name);
    if (isOther(sameName, server)) {
        refuse("clusters", cluster?.name, sameName?.server);
    }
    const [user] = added.users ?? [];
    const otherServer = otherServerOfUser(before, user?.name, server);
    if (otherServer !== undefined) {
        refuse("users", user?.name, otherServer);
    }
    const [context] = added.contexts ?? [];
    const ofContext = clusterOf(find(before, "contexts", context?.name)?.context?.cluster);
    if (isOther(ofContext, server)) {
        refuse("contexts", context?.name, ofContext?.server);
    }
}

function mergeList(target: Document, added: Document, list: List): void {
    const present = target.get(list);
    const additions = (added.get(list) as YAMLSeq<YAMLMap>).items;
    // An empty list in a YAML file is written `[]`; what is added to it is to look like the rest.
    if (!isSeq(present) || present.items.length === 0) {
        const fresh = new YAMLSeq(target.schema);
        fresh.items = [...additions];
        target.set(list, fresh);
        return;
    }
    for (const entry of additions) {
        const name = entry.get("name");
        const matches = present.items.filter((item) => isMap(item) && item.get("name") === name) as YAMLMap[];
        const [old] = matches;
        if (old === undefined) {
            present.items.push(entry);
            continue;
        }
        present.items = present.items.filter((item) => item === old || !matches.includes(item as YAMLMap));
        replaceInner(old, entry, list);
    }
}

/** Gives an entry the new contents, key by key, so that comments on what stays do so too. */
function replaceInner(old: YAMLMap, entry: YAMLMap, list: List): void {
    const key = inner[list];
    const [contents, fresh] = [old.get(key), entry.get(key) as YAMLMap];
    if (!isMap(contents)) {
        old.set(key, fresh);
        return;
    }
    for (const pair of [...contents.items]) {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        if (!fresh.has(name) && !kept[list].includes(name)) {
            contents.delete(pair.key);
        }
    }
    for (const { key: name, value } of fresh.items) {
        const present = contents.get(name);
        if (isCollection(present) && isCollection(value) && isDeepStrictEqual(present.toJSON(), value.toJSON())) {
            continue;
        }
        // As a bare value, so that the comment behind the old one stays.
        contents.set(name, isScalar(value) ? value.value : value);
    }
}

/**
 * The text of a merged kubeconfig: the very same one where nothing has changed.
 *
 * @throws Error where other entries would change too, as those do that have an alias of an anchor in the replaced one
 */
function safely(
    target: Document,
    { existing, write }: { existing: string; write: (document: Document) => string },
    before: Config,
    added: Config,
): { text: string; config: Config } {
    const others = (config: Config) => ({
        ...config,
        "current-context": undefined,
        ...Object.fromEntries(
            lists.map((list) => [
                list,
                (config[list] ?? []).filter((entry) => find(added, list, entry?.name) === undefined),
            ]),
        ),
    });
    try {
        const text = isDeepStrictEqual(target.toJS(), before) ? existing : write(target);
        const config: Config = jsonIn(text) ?? parse(text, YAML_OPTIONS);
        if (isDeepStrictEqual(others(config), others(before))) {
            return { text, config };
        }
    } catch {
        // An alias without its anchor; told below.
    }
    throw new Error(
        "The kubeconfig has YAML anchors or aliases that tie other entries to the one that would be replaced. " +
            "Write them out, or give another file (--file).",
    );
}
