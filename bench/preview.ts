import type { Trial } from "./contender";
import type { Step } from "./engine-run";
import { hasMark } from "./programs/ten";
import { isDownstream, isReplaced } from "./steps";

/** What a preview of a rotation and of the changes beside it shows of the ten resources. */
export interface Shown {
    /** Of the resources that would change, those of which their provider says that just what changes will change. */
    exact: number;
    /** Of the resources that would stay as they are, those that are shown as changed. */
    mistaken: number;
    /** Of all ten, those that are shown as to be replaced. */
    replaced: number;
    seconds: number;
}

/** What is in the steps of a preview in which labels change. */
export function shownIn(steps: readonly Step[]): Omit<Shown, "seconds"> {
    const downstream = steps.filter((step) => step.when === "planned" && isDownstream(step));
    const exact = downstream.filter(
        ({ op, changed }) =>
            op === "update" && changed.length > 0 && changed.every((path) => path.startsWith("metadata.labels")),
    );
    const mistaken = downstream.filter((step) => step.op !== "same" && !hasMark(step));
    const count = (some: Step[]) => new Set(some.map(({ urn }) => urn)).size;
    return { exact: count(exact), mistaken: count(mistaken), replaced: count(downstream.filter(isReplaced)) };
}

/** Previews a rotation together with a change of six of the ten resources; undefined for who has no preview. */
export async function measurePreview(trial: Trial): Promise<Shown | undefined> {
    const previewed = await trial.preview?.(`previewed-${Date.now()}`);
    return previewed && { ...shownIn(previewed.steps), seconds: previewed.seconds };
}
