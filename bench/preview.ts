import type { Shown, Trial } from "./contender";

/** Previews a rotation together with a change of six of the ten resources; undefined for who has no preview. */
export async function measurePreview(trial: Trial): Promise<Shown | undefined> {
    return trial.preview?.(`previewed-${Date.now()}`);
}
