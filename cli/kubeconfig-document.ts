import { Document, isMap, LineCounter, parseDocument } from "yaml";
import { YAML_OPTIONS } from "../formats/yaml-options";
import type { Exec } from "./kubelogin";
import type { ClusterEntry } from "./same-cluster";

/** The lists of a kubeconfig. */
export const lists = ["clusters", "users", "contexts"] as const;
/** One of the lists of a kubeconfig. */
export type List = (typeof lists)[number];

/** The key of an entry's contents in each list. */
export const inner = { clusters: "cluster", users: "user", contexts: "context" } as const;

/** An entry of one of the lists. */
export interface Entry {
    name?: string;
    cluster?: ClusterEntry;
    user?: { exec?: Exec } | null;
    context?: { cluster?: string; user?: string };
}

/** A kubeconfig, as far as it is looked at. */
export type Config = Partial<Record<List, Entry[] | null>> & { "current-context"?: string };

/** The contents of a kubeconfig; an empty one has none. @throws Error when it is no kubeconfig */
export function configOf(document: Document): Config {
    if (document.contents !== null && !isMap(document.contents)) {
        throw new Error("The kubeconfig is no mapping: it must have clusters, users and contexts.");
    }
    const config = (document.toJS() ?? {}) as Config;
    for (const list of lists) {
        if (config[list] !== undefined && config[list] !== null && !Array.isArray(config[list])) {
            throw new Error(`The kubeconfig's ${list} are no list.`);
        }
    }
    return config;
}

/**
 * Reads a YAML document.
 *
 * @param what its name in an error
 * @throws Error with the place of the fault; it repeats no contents
 */
export function readDocument(text: string, what: string): Document {
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { ...YAML_OPTIONS, lineCounter });
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
export function openText(existing: string): { target: Document; write: (document: Document) => string } {
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
export function jsonIn(text: string): object | undefined {
    try {
        return text.trimStart().startsWith("{") ? JSON.parse(text) : undefined;
    } catch {
        return undefined;
    }
}

/** Sets the current context of a kubeconfig, and leaves all else as it is. @throws Error when it cannot be read */
export function setCurrentContext(existing: string, context: string): string {
    const { target, write } = openText(existing);
    if (configOf(target)["current-context"] === context) {
        return existing;
    }
    target.set("current-context", context);
    return write(target);
}

/** The first entry of a name. */
export function findEntry(config: Config, list: List, name: string | undefined): Entry | undefined {
    return config[list]?.find((entry) => entry?.name === name);
}

/** A document as text, with lists that are indented as in another text. */
export function written(document: Document, like: string): string {
    const isIndented = /^(clusters|users|contexts):[^\n]*\n\s*(#[^\n]*\n\s*)*[ \t]+-/m.test(like);
    return document.toString({ lineWidth: 0, indentSeq: isIndented });
}
