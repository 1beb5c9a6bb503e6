import path from "node:path";
import { runChild } from "./child";
import { executableName, findOnPath, isExecutable } from "./executable";
import { NotThere, type Way } from "./first-that-works";
import { parseVersion, type Recipe } from "./recipe";
import type { Surroundings } from "./surroundings";
import type { Source } from "./tool";

/** Longest a program may take to print its version, in milliseconds. */
const VERSION_LIMIT = 30_000;

/** The ways to use what is installed already: KUBEBUILDER_ASSETS, where the tool is one of those, then PATH. */
export function installedWays(recipe: Recipe, surroundings: Surroundings): Way[] {
    const places: [Source, typeof locateOnPath][] = [["PATH", locateOnPath]];
    if (recipe.inKubebuilderAssets) {
        places.unshift(["KUBEBUILDER_ASSETS", locateInAssets]);
    }
    return places.map(([source, locate]) => ({
        source,
        what: source,
        get: async () => {
            const file = await locate(recipe, surroundings);
            return {
                name: recipe.name,
                version: await acceptedVersion(recipe, file, surroundings),
                path: file,
                source,
            };
        },
    }));
}

async function locateInAssets({ name }: Recipe, { environment, platform }: Surroundings): Promise<string> {
    const folder = environment.KUBEBUILDER_ASSETS;
    if (!folder) {
        throw new NotThere("not set");
    }
    const file = path.resolve(folder, executableName(name, platform.os));
    if (!(await isExecutable(file))) {
        throw new NotThere(`no ${name} in ${folder}`);
    }
    return file;
}

async function locateOnPath({ name }: Recipe, surroundings: Surroundings): Promise<string> {
    const file = await findOnPath(name, surroundings);
    if (file === undefined) {
        throw new NotThere(`no ${name} on it`);
    }
    return file;
}

/**
 * Runs a tool to ask for its version. Rejects with a sentence if it does not run, does not answer in half a minute, or
 * prints no version.
 */
export async function askVersion(recipe: Recipe, file: string, surroundings: Surroundings): Promise<string> {
    const { environment, signal } = surroundings;
    const limit = AbortSignal.timeout(VERSION_LIMIT);
    const asked = `${file} ${recipe.versionArguments.join(" ")}`;
    const result = await runChild(file, recipe.versionArguments, {
        environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
        signal: AbortSignal.any([signal, limit]),
    }).catch((error: unknown) => {
        throw limit.aborted ? new Error(`${asked} gave no answer in ${VERSION_LIMIT / 1000} s`) : error;
    });
    if (result.exitCode !== 0) {
        const complaint = result.stderr.trim().split("\n").at(-1) ?? "";
        throw new Error(`${asked} failed (${result.endedBy ?? `exit code ${result.exitCode}`}): ${complaint}`);
    }
    const version = parseVersion(recipe, result.stdout);
    if (version === undefined) {
        throw new Error(`${asked} printed no version`);
    }
    return version;
}

async function acceptedVersion(recipe: Recipe, file: string, surroundings: Surroundings): Promise<string> {
    const version = await askVersion(recipe, file, surroundings);
    const { satisfies } = await import("semver");
    if (!satisfies(version, recipe.accepts, { includePrerelease: true })) {
        throw new Error(`${file} is ${version}, needed is ${recipe.acceptsInWords}`);
    }
    return version;
}
