type CollectGarbage = (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** A look at a cluster leaves 0.1 MB of garbage; one collection takes 25 to 40 ms of the processor. */
const usualMs = 2_000;

/**
 * Gives back memory while this process waits: V8 alone would collect garbage only once there is a lot of it, and a rotator
 * that waits makes little. Keeps no process alive, costs its start nothing, and does nothing where V8 does not let itself
 * be asked.
 *
 * @param everyMs between two collections
 * @returns the timer, for who wants to end it
 */
export function staySmall(everyMs = usualMs): NodeJS.Timeout {
    let collect: (() => void) | undefined;
    return setInterval(() => {
        collect ??= collector();
        collect();
    }, everyMs).unref();
}

/**
 * V8's own. No argument of Node.js asks for it, since arguments would be an input of the stack; and V8 hands it only to
 * contexts that are made afterwards, of which one is 0.3 MB. The last resort alone gives pages back to the system.
 */
function collector(): () => void {
    const { setFlagsFromString } = require("node:v8") as typeof import("node:v8");
    const { runInNewContext } = require("node:vm") as typeof import("node:vm");
    setFlagsFromString("--expose-gc");
    try {
        const gc: CollectGarbage = runInNewContext("gc");
        return () => gc({ type: "major", execution: "sync", flavor: "last-resort" });
    } catch {
        return () => undefined;
    }
}
