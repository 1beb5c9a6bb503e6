/** A process of its own for one run of the engine, with the program of a contender in it: see engine-run.ts. */
import { openStack } from "../rehearsal/project";
import { send } from "../tests/support/processes";
import { readOutputsFromState } from "../tests/support/state-file";
import type { Order, Word } from "./engine-run";
import { treeOf } from "./process-tree";

const say = (word: Word) => process.send?.(word);
/** Whoever listens may be busy: what is not sent yet would be lost. */
const last = (word: Word) => process.send?.(word, () => process.disconnect());

process.once("message", async ({ directory, pulumi, environment, program, wish, preview }: Order) => {
    try {
        const run = async () => require(program).program(wish);
        const began = performance.now();
        const stack = await openStack(directory, { pulumi, environment, program: run }, "select");
        say({ prepared: (performance.now() - began) / 1000 });
        readOutputsFromState({ stack, directory });
        await stack[preview ? "preview" : "up"]({
            onEvent: ({ resourcePreEvent, resOutputsEvent }) => {
                const when = resourcePreEvent ? "planned" : "done";
                const { op, urn, type, detailedDiff } = (resourcePreEvent ?? resOutputsEvent)?.metadata ?? {};
                if (op !== undefined && urn !== undefined && type !== undefined) {
                    say({ when, op, urn, type, changed: Object.keys(detailedDiff ?? {}) });
                }
            },
        });
        last({ ended: "well" });
    } catch (error) {
        last({ ended: "badly", message: (error as Error).message });
    }
});
process.once("disconnect", () => {
    // Whoever asked is gone, or has been told all: nobody would end what still runs.
    send("SIGKILL", treeOf([process.pid]).slice(1));
    process.exit();
});
