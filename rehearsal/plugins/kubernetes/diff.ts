import { isDeepStrictEqual } from "node:util";
import type { ChangeKind, DiffAnswer } from "../protocol/plugin";
import { isProperties, type Properties, type Value } from "../protocol/values";
import { autonamed } from "./autoname";
import { fixedProperties, isNamespaced, type Kind, type Mutable } from "./kinds";

interface Change {
    /** The path as Pulumi writes it: `metadata.labels["example.com/a"]`, `spec.containers[0].image`. */
    path: string;
    /** The same without array indices and quotes. */
    names: string[];
    kind: "add" | "delete" | "update";
}

function step(path: string, name: string): string {
    if (/[."[\]]/.test(name)) {
        return `${path}["${name.replaceAll('"', '\\"')}"]`;
    }
    return path === "" ? name : `${path}.${name}`;
}

function* changes(
    before: Value | undefined,
    after: Value | undefined,
    path: string,
    names: string[],
): Generator<Change> {
    if (isDeepStrictEqual(before, after)) {
        return;
    }
    if (before === undefined || after === undefined) {
        yield { path, names, kind: before === undefined ? "add" : "delete" };
    } else if (isProperties(before) && isProperties(after)) {
        for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
            yield* changes(before[name], after[name], step(path, name), [...names, name]);
        }
    } else if (Array.isArray(before) && Array.isArray(after)) {
        for (let i = 0; i < Math.max(before.length, after.length); i++) {
            yield* changes(before[i], after[i], `${path}[${i}]`, names);
        }
    } else {
        yield { path, names, kind: "update" };
    }
}

/** Whether a change at `names` touches the property `fixed`: something in it, or something it is in. */
function touches(names: string[], fixed: string): boolean {
    const other = fixed.split(".");
    return names.slice(0, other.length).every((name, i) => name === other[i]);
}

/** Whether `ignored`, as the program gives it (`metadata.annotations`, `spec.containers[*].image`), covers `path`. */
export function covers(ignored: string, path: string): boolean {
    const parts = (text: string) =>
        (text.match(/\[\d+\]|\[\*\]|\["(?:[^"\\]|\\.)*"\]|[^.[\]]+/g) ?? []).map((part) =>
            part.replace(/^\["?|"?\]$/g, ""),
        );
    const [pattern, target] = [parts(ignored), parts(path)];
    return pattern.length <= target.length && pattern.every((part, i) => part === "*" || part === target[i]);
}

function metadata(object: Properties): Properties {
    return isProperties(object.metadata) ? object.metadata : {};
}

function normalized(object: Properties, kind: Kind): Properties {
    const { namespace, creationTimestamp, resourceVersion, uid, generation, managedFields, ...rest } = metadata(object);
    if (isNamespaced(kind) !== false) {
        rest.namespace = namespace || "default";
    }
    return { ...object, metadata: rest };
}

/** What a diff is made from; all of it without any marking of secrets. */
export interface Inputs {
    kind: Kind;
    olds: Properties;
    news: Properties;
    /** The object's name in the cluster. */
    liveName: string;
    ignoreChanges: string[];
    mutable: Mutable;
}

/**
 * What changed inputs do to an object: an update, or a replacement where Kubernetes, or the object's identity, allows no
 * change. An object that keeps its name is deleted before its replacement is made.
 */
export function diff({ kind, olds, news, liveName, ignoreChanges, mutable }: Inputs): DiffAnswer {
    const [before, after] = [normalized(olds, kind), normalized(news, kind)];
    const name = metadata(after).name;
    const fixed = fixedProperties(kind, olds.immutable === true, mutable);
    const detailedDiff: Record<string, ChangeKind> = {};
    const replaces: string[] = [];
    for (const change of changes(before, after, "", [])) {
        if (ignoreChanges.some((ignored) => covers(ignored, change.path))) {
            continue;
        }
        const replace = fixed.some((property) => touches(change.names, property));
        detailedDiff[change.path] = replace ? `${change.kind}-replace` : change.kind;
        if (replace) {
            replaces.push(change.path);
        }
    }
    const sameNamespace = metadata(before).namespace === metadata(after).namespace;
    return {
        changes: Object.keys(detailedDiff).length > 0 ? "some" : "none",
        diffs: [],
        replaces,
        deleteBeforeReplace: replaces.length > 0 && !autonamed(news) && name === liveName && sameNamespace,
        detailedDiff,
    };
}
