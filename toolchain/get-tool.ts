import { fill, isFilled, type Slot, slotOf } from "./cache";
import { inWords } from "./duration";
import { firstThatWorks, NotThere, type Outcome, type Refusal, type Way } from "./first-that-works";
import { goBuild } from "./go-build";
import { askVersion, installedWays } from "./installed";
import { withLock } from "./lock";
import type { Recipe } from "./recipe";
import type { Surroundings } from "./surroundings";
import type { Source, Tool } from "./tool";

const REPORT_WAIT_EVERY = 10_000;

/** Looks for an installed version that will do, in KUBEBUILDER_ASSETS and on PATH. Makes nothing. */
export function findInstalled(recipe: Recipe, surroundings: Surroundings): Promise<Outcome> {
    return firstThatWorks(installedWays(recipe, surroundings), surroundings.signal, (refusal) => {
        if (!refusal.absent) {
            surroundings.progress(`${recipe.name}: not using the one from ${refusal.what}: ${refusal.why}`);
        }
    });
}

/** Gets exactly the recipe's version: from the cache, else the official release, else built. */
export function getPinned(recipe: Recipe, surroundings: Surroundings): Promise<Outcome> {
    return firstThatWorks(pinnedWays(recipe, surroundings), surroundings.signal, (refusal, next) => {
        if (!refusal.absent) {
            const then = next ? `; next: ${next.source}` : "";
            surroundings.progress(`${label(recipe)}: ${refusal.source} did not work: ${refusal.why}${then}`);
        }
    });
}

/** Gets a tool by the first way that works, or tells why none does. */
export async function getTool(recipe: Recipe, surroundings: Surroundings): Promise<Outcome> {
    const installed = await findInstalled(recipe, surroundings);
    return installed.tool ? installed : after(installed.refusals, await getPinned(recipe, surroundings));
}

/** An outcome with the refusals that came before it. */
export function after(refusals: readonly Refusal[], outcome: Outcome): Outcome {
    return { tool: outcome.tool, refusals: [...refusals, ...outcome.refusals] };
}

/** The tool and the version that is downloaded or built, e.g. `etcd 3.6.16`. */
export function label(recipe: Recipe): string {
    return `${recipe.name} ${recipe.version}`;
}

function pinnedWays(recipe: Recipe, surroundings: Surroundings): Way[] {
    const slot = slotOf(recipe, surroundings.cacheFolder, surroundings.platform);
    const named = { ...surroundings, progress: (line: string) => surroundings.progress(`${label(recipe)}: ${line}`) };
    const cached = async () => {
        if (!(await isFilled(slot))) {
            throw new NotThere(`not in ${surroundings.cacheFolder}`);
        }
        return toolIn(slot, recipe, "cache");
    };
    const { build, release } = recipe;
    const ways = [
        { source: "cache" as const, what: "cache", get: cached },
        making("download", `download of ${release.where(surroundings)}`, (target) => release.fetch(target, named)),
    ];
    return build === undefined
        ? ways
        : [
              ...ways,
              making("go build", `go build ${build.package}`, ({ executable }) => goBuild(build, executable, named)),
          ];

    function making(source: Source, what: string, make: Parameters<typeof fill>[1]): Way {
        return { source, what, get: () => makeOnce(recipe, slot, source, make, named) };
    }
}

/** Makes a tool, checks that it runs and is the right version, and keeps it; unless another process just has. */
async function makeOnce(
    recipe: Recipe,
    slot: Slot,
    source: Source,
    make: Parameters<typeof fill>[1],
    surroundings: Surroundings,
): Promise<Tool> {
    const { progress, signal } = surroundings;
    let nextReport = 1_000;
    const onWait = (waited: number) => {
        if (waited >= nextReport) {
            nextReport = waited + REPORT_WAIT_EVERY;
            progress(`another process is getting it, waiting, ${inWords(waited)}`);
        }
    };
    return withLock(slot.lock, { signal, onWait }, async () => {
        if (await isFilled(slot)) {
            return toolIn(slot, recipe, "cache");
        }
        await fill(slot, async (target) => {
            await make(target);
            const version = await askVersion(recipe, target.executable, surroundings);
            if (version !== recipe.version) {
                throw new Error(`what it made calls itself ${version}, not ${recipe.version}`);
            }
        });
        return toolIn(slot, recipe, source);
    });
}

function toolIn(slot: Slot, recipe: Recipe, source: Source): Tool {
    return { name: recipe.name, version: recipe.version, path: slot.executable, source };
}
