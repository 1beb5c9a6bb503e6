import type { Refusal } from "./first-that-works";
import { label } from "./get-tool";
import type { Recipe } from "./recipe";
import type { Surroundings } from "./surroundings";

/** A tool that no way could get. */
export interface MissingTool {
    recipe: Recipe;
    /** Every way tried, in order. */
    refusals: readonly Refusal[];
}

/** One or more tools could not be had. The message tells what was tried, why it failed and what to install. */
export class MissingToolsError extends Error {
    override readonly name = "MissingToolsError";

    constructor(
        readonly missing: readonly MissingTool[],
        readonly surroundings: Pick<Surroundings, "environment" | "cacheFolder">,
    ) {
        super(explainMissing(missing, surroundings));
    }
}

/** The text of that error. */
export function explainMissing(
    missing: readonly MissingTool[],
    { environment, cacheFolder }: Pick<Surroundings, "environment" | "cacheFolder">,
): string {
    const sections = missing.map(({ recipe, refusals }) =>
        [
            `Could not get ${label(recipe)}. Tried, in this order:`,
            ...refusals.map(({ what, why }) => `  - ${what}: ${why}`),
            "Any one of these is enough:",
            ...remedies(recipe, refusals).map((remedy) => `  - ${remedy}`),
        ].join("\n"),
    );
    if (missing.some(({ refusals }) => refusals.some(({ why }) => /EACCES|EPERM|EROFS/.test(why)))) {
        sections.push(
            `If ${cacheFolder} cannot be written to, set AKS_ROTATION_CACHE to a folder that can: tools are kept there.`,
        );
    }
    if (proxyIsIgnored(environment)) {
        sections.push(
            "A proxy is set (HTTPS_PROXY), but Node.js uses it only with NODE_USE_ENV_PROXY=1: set that too.",
        );
    }
    return sections.join("\n\n");
}

function remedies(recipe: Recipe, refusals: readonly Refusal[]): string[] {
    const assets = recipe.inKubebuilderAssets ? ", or into the folder that KUBEBUILDER_ASSETS names" : "";
    const { build } = recipe;
    const list = [
        `Install ${recipe.name}, ${recipe.acceptsInWords}, and put it on PATH${assets}: ${recipe.installGuide}`,
    ];
    if (build) {
        list.push(
            `Install Go ${build.go} or later (https://go.dev/dl/), with its module mirror within reach: ` +
                `it is then built, about ${build.minutes} min, once`,
        );
    }
    const download = refusals.find(({ source, absent }) => source === "download" && !absent);
    if (download) {
        list.push(`Make the download work (${download.why}) and run this again`);
    }
    return list;
}

function proxyIsIgnored(environment: NodeJS.ProcessEnv): boolean {
    const proxy = environment.HTTPS_PROXY ?? environment.https_proxy;
    return Boolean(proxy) && environment.NODE_USE_ENV_PROXY !== "1";
}
