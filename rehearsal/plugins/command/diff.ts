import { isDeepStrictEqual } from "node:util";
import type { ChangeKind, DiffAnswer } from "../protocol/plugin";
import { isProperties, type Properties, revealAll, type Value } from "../protocol/values";

const inputs = [
    "addPreviousOutputInEnv",
    "archivePaths",
    "assetPaths",
    "create",
    "delete",
    "dir",
    "environment",
    "interpreter",
    "logging",
    "stdin",
    "triggers",
    "update",
];

type Changes = Record<string, ChangeKind>;

function compare(path: string, before: Value | undefined, after: Value | undefined, changes: Changes): void {
    if (isDeepStrictEqual(before, after)) {
        return;
    }
    if (before === undefined || after === undefined) {
        changes[path] = before === undefined ? "add" : "delete";
    } else if (Array.isArray(before) && Array.isArray(after)) {
        for (let i = 0; i < Math.max(before.length, after.length); i++) {
            compare(`${path}[${i}]`, before[i], after[i], changes);
        }
    } else if (isProperties(before) && isProperties(after)) {
        for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
            compare(
                /[.[\]"]/.test(name) ? `${path}[${JSON.stringify(name)}]` : `${path}.${name}`,
                before[name],
                after[name],
                changes,
            );
        }
    } else {
        changes[path] = "update";
    }
}

/**
 * What changed inputs do to a Command, as command 1.2.1 answers: an update, except that triggers which are added or
 * removed as a whole replace it. (A trigger that is changed does not, whatever the schema says.)
 */
export function diff(olds: Properties, news: Properties): DiffAnswer {
    const [before, after] = [revealAll(olds), revealAll(news)];
    const detailedDiff: Changes = {};
    for (const name of inputs) {
        compare(name, before[name], after[name], detailedDiff);
    }
    const replaces: string[] = [];
    const triggers = detailedDiff.triggers;
    if (triggers === "add" || triggers === "delete") {
        detailedDiff.triggers = `${triggers}-replace`;
        replaces.push("triggers");
    }
    const paths = Object.keys(detailedDiff);
    return {
        changes: paths.length > 0 ? "some" : "none",
        diffs: [...new Set(paths.map((path) => path.split(/[.[]/)[0] ?? path))],
        replaces,
        deleteBeforeReplace: false,
        detailedDiff,
    };
}
