import { exitOnInterrupt } from "../../rehearsal/exit-on-interrupt";
import { choosePlugins, type Plugin } from "../../rehearsal/plugins/choose";
import { getPulumi } from "../../toolchain/pulumi";
import type { Tool } from "../../toolchain/tool";

/** How long a test may take that runs the engine. */
export const engineTimeoutMs = 180_000;

let found: Promise<{ pulumi: Tool; plugins: Plugin[] }> | undefined;

/** The engine and its plugins, got once for all tests; the progress of a build is shown. */
export function engine(): Promise<{ pulumi: Tool; plugins: Plugin[] }> {
    found ??= (async () => {
        const pulumi = await getPulumi(console.log);
        exitOnInterrupt();
        return { pulumi, plugins: await choosePlugins({ pulumi, progress: console.log }) };
    })();
    return found;
}
