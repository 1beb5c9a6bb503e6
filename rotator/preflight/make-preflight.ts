import { wordsOf } from "../../azure/explain";
import type { Doing, Outside } from "../outside";
import { RotationError } from "../rotation-error";
import type { RotateSettings } from "../settings";
import type { Finding } from "./finding";
import { outcome } from "./outcome";
import type { Looked } from "./preflight";

/**
 * Makes the preflight of a run, and tells what it finds. One that breaks as a whole stops nothing.
 *
 * @param withinMs how long it may take
 * @throws RotationError at a blocker, if the preflight is `required`
 */
export function* makePreflight<Wait>(
    outside: Pick<Outside<Wait>, "preflight" | "tell">,
    settings: RotateSettings,
    looked: Looked,
    withinMs: number,
): Doing<Wait, void> {
    let findings: Finding[];
    try {
        findings = yield* outside.preflight(looked, withinMs);
    } catch (error) {
        outside.tell(`The preflight could not be made: ${wordsOf(error)}`);
        return;
    }
    const { lines, stop } = outcome(settings, findings);
    for (const line of lines) {
        outside.tell(line);
    }
    if (stop !== undefined) {
        throw new RotationError("preflight", stop);
    }
}
