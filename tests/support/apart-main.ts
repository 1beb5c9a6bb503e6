/** A process of its own for one `pulumi up`, so that all of it can be killed: see apart.ts. */
import { openStack } from "../../rehearsal/project";
import type { Order, Word } from "./apart";
import { protectedComponent } from "./program";

const say = (word: Word) => process.send?.(word);

process.once("message", async ({ directory, pulumi, environment, args, verbose }: Order) => {
    const verbosity = verbose ? { logToStdErr: true, logVerbosity: 11 } : {};
    try {
        const options = { pulumi, environment, program: async () => protectedComponent(args) };
        const stack = await openStack(directory, options, "select");
        await stack.up({
            onOutput: (text) => say({ said: text, stream: "stdout" }),
            onError: (text) => say({ said: text, stream: "stderr" }),
            ...verbosity,
        });
        say({ ended: "well" });
    } catch (error) {
        say({ ended: "badly", message: (error as Error).message });
    }
    process.disconnect();
});
// Whoever asked is gone: nobody would end what has been started.
process.once("disconnect", () => process.exit());
