import { basename } from "node:path";

/** How many places of the code are named. */
const MAX_PLACES = 3;

/**
 * The message for an error that nothing in this program expects. The error's own words are left out: they can quote what
 * the program was working on, as those of `JSON.parse` do.
 */
export function unexpected(error: unknown): string {
    const { name, code, stack } = (error ?? {}) as { name?: unknown; code?: unknown; stack?: unknown };
    const kind = [name, code].filter((word) => typeof word === "string" && /^\w+$/.test(word)).join(" ");
    const places = [...String(stack ?? "").matchAll(/\(?([^\s()]+:\d+:\d+)\)?$/gm)]
        .slice(0, MAX_PLACES)
        .map(([, place = ""]) => basename(place));
    return (
        `The rotator ended by an error in itself (${[kind || "no Error", ...places].join(", ")}). If Azure is rotating the ` +
        "cluster it goes on by itself. Run pulumi up again: it picks the rotation up and does not rotate a second time. " +
        "If the error stays, report it with this line; it holds no secret."
    );
}
