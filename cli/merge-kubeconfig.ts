import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isScalar, isSeq, LineCounter, parse, parseDocument, type YAMLMap, YAMLSeq } from "yaml";

/** What a merge has made of a user's kubeconfig. Holds secrets. */
export interface Merged {
    text: string;
    /** Name of the context that is the current one now. */
    context: string;
    /** Names of the entries that were there and are other ones now, such as `clusters "blue"`. */
    replaced: string[];
}

/** How a merge is to be done. */
export interface MergeOptions {
    /** Name for context and cluster in place of AKS's, as `az aks get-credentials --context` has it. Default: AKS's. */
    context?: string;
    /** Whether an entry of the same name that is of another cluster is replaced too. Default: false, it is an error. */
    overwrite?: boolean;
}

const lists = ["clusters", "users", "contexts"] as const;
type List = (typeof lists)[number];

/** What a user adds to an entry by hand, and no rotation changes: it stays when the entry is replaced. */
const kept: Record<List, readonly string[]> = {
    clusters: ["proxy-url", "disable-compression", "extensions"],
    users: ["extensions"],
    contexts: ["namespace", "extensions"],
};

const inner = { clusters: "cluster", users: "user", contexts: "context" } as const;

/**
 * Merges the kubeconfig that AKS gives into a user's, as `az aks get-credentials` does: entries of the same name are
 * replaced where they stand, others are added, and the new context becomes the current one. Comments, the order, the line
 * breaks, and all other entries stay as they are, and JSON stays JSON. A user whose name is that of another API server's has
 * `context` after its name, so that both work. No I/O.
 *
 * @param existing the user's kubeconfig, YAML or JSON; empty where there is none yet
 * @param addition as AKS gives it: one cluster, one user, one context
 * @throws Error when one of them cannot be read, or an entry of the same name is of another cluster; it repeats no contents
 */
export function mergeKubeconfig(existing: string, addition: string, options: MergeOptions = {}): Merged {
    const { document: added, context } = renamed(addition, options.context);
    const { target, write } = openText(existing);
    if (target.contents === null) {
        // Comments of a file that is otherwise empty are the user's too.
        const comments = [target.commentBefore, target.comment].filter(Boolean).join("\n");
        added.commentBefore = comments || added.commentBefore;
        return { text: write(added), context, replaced: [] };
    }
    if (!isMap(target.contents)) {
        throw new Error("The kubeconfig is no mapping: it must have clusters, users and contexts.");
    }
    const before = target.toJS() as Config;
    for (const list of lists) {
        if (before[list] !== undefined && before[list] !== null && !Array.isArray(before[list])) {
            throw new Error(`The kubeconfig's ${list} are no list.`);
        }
    }
    if (!options.overwrite) {
        if (options.context !== undefined) {
            keepUserApart(before, added, options.context);
        }
        refuseOthers(before, added.toJS() as Config);
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
    return { text, context, replaced };
}

/**
 * The kubeconfig that AKS gives, with the names that `az aks get-credentials` gives it: `context` for context and
 * cluster, and `-admin` after the name of an admin's context, so that it stands beside the user's.
 *
 * @throws Error when it is no kubeconfig
 */
export function nameKubeconfig(addition: string, context?: string): string {
    return written(renamed(addition, context).document, addition);
}

interface Entry {
    name?: string;
    cluster?: { server?: string };
    context?: { cluster?: string; user?: string };
}

type Config = Partial<Record<List, Entry[] | null>> & { "current-context"?: string };

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

/** @param what the text, for an error */
function readDocument(text: string, what: string): Document {
    const lineCounter = new LineCounter();
    // The library's own pretty errors repeat a piece of the text, and so could tell a secret.
    const document = parseDocument(text, { lineCounter, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) {
        const { line, col } = lineCounter.linePos(error.pos[0]);
        const why = error.code.toLowerCase().replaceAll("_", " ");
        throw new Error(`${what} is not YAML: line ${line}, column ${col}: ${why}.`);
    }
    try {
        document.toJS();
    } catch {
        throw new Error(`${what} cannot be read: it has an alias without its anchor, or too many of them.`);
    }
    return document;
}

/**
 * A user's kubeconfig, and how it is written again: with its line breaks, and as JSON where it is JSON.
 *
 * @throws Error when it cannot be read
 */
function openText(existing: string): { target: Document; write: (document: Document) => string } {
    const [lineBreak = "\n"] = /\r?\n/.exec(existing) ?? [];
    const withBreaks = (text: string) => (lineBreak === "\n" ? text : text.replace(/\r?\n/g, lineBreak));
    const json = jsonIn(existing);
    if (json === undefined) {
        const target = readDocument(
            lineBreak === "\n" ? existing : existing.replaceAll("\r\n", "\n"),
            "The kubeconfig",
        );
        return { target, write: (document) => withBreaks(written(document, existing)) };
    }
    const [, indent] = /^\s*\{\r?\n([ \t]+)/.exec(existing) ?? [];
    const end = /\s*$/.exec(existing)?.[0] ?? "";
    return {
        target: new Document(json),
        write: (document) => withBreaks(JSON.stringify(document.toJS(), undefined, indent) + end),
    };
}

/** The mapping of a text that is JSON; undefined where it is not. */
function jsonIn(text: string): object | undefined {
    try {
        return text.trimStart().startsWith("{") ? JSON.parse(text) : undefined;
    } catch {
        return undefined;
    }
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

/** An API server other than this one that a user of that name is used for; undefined where there is none. */
function otherServerOfUser(before: Config, user: string | undefined, server: string | undefined): string | undefined {
    return (before.contexts ?? [])
        .filter((entry) => entry?.context?.user === user)
        .map((entry) => find(before, "clusters", entry?.context?.cluster)?.cluster?.server)
        .find((old) => old !== undefined && !sameServer(old, server));
}

/** @throws Error that names an entry of the same name which is of another API server */
function refuseOthers(before: Config, added: Config): void {
    const [cluster] = added.clusters ?? [];
    const server = cluster?.cluster?.server;
    const serverOf = (name: string | undefined) => find(before, "clusters", name)?.cluster?.server;
    const isOther = (old: string | undefined) => old !== undefined && !sameServer(old, server);
    const refuse = (list: List, name: string | undefined, old: string | undefined) => {
        throw new Error(
            `There is a ${inner[list]} "${name}" of another API server in the kubeconfig (${old}, and this is ${server}). ` +
                "Give --context NAME to have both, or --overwrite-existing to replace it, as where the cluster was made again.",
        );
    };
    if (isOther(serverOf(cluster?.name))) {
        refuse("clusters", cluster?.name, serverOf(cluster?.name));
    }
    const [user] = added.users ?? [];
    const otherServer = otherServerOfUser(before, user?.name, server);
    if (otherServer !== undefined) {
        refuse("users", user?.name, otherServer);
    }
    const [context] = added.contexts ?? [];
    const old = find(before, "contexts", context?.name);
    if (isOther(serverOf(old?.context?.cluster))) {
        refuse("contexts", context?.name, serverOf(old?.context?.cluster));
    }
}

function find(config: Config, list: List, name: string | undefined): Entry | undefined {
    return config[list]?.find((entry) => entry?.name === name);
}

/** Whether two URLs are of the same API server, however they are written. */
export function sameServer(one: string, other: string | undefined): boolean {
    return normal(one) === normal(other ?? "");
}

function normal(server: string): string {
    try {
        const { hostname, port } = new URL(server);
        return `${hostname.toLowerCase()}:${port || 443}`;
    } catch {
        return server;
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
        // As a bare value, so that the comment behind the old one stays.
        contents.set(name, isScalar(value) ? value.value : value);
    }
}

function written(document: Document, like: string): string {
    const isIndented = /^(clusters|users|contexts):[^\n]*\n\s*(#[^\n]*\n\s*)*[ \t]+-/m.test(like);
    return document.toString({ lineWidth: 0, indentSeq: isIndented });
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
        const config: Config = jsonIn(text) ?? parse(text, { prettyErrors: false });
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
