import type { Surroundings } from "./surroundings";

/** An official release that can be downloaded. */
export interface Release {
    /** What is downloaded from where, for progress and errors: a URL, or a URL and how it is installed. */
    where(surroundings: Surroundings): string;
    /**
     * Puts the tool's executable at `executable`, and nothing outside `folder`. Rejects with a sentence that says why it
     * cannot; what was half written is thrown away by the caller.
     */
    fetch(target: { executable: string; folder: string }, surroundings: Surroundings): Promise<void>;
}

/** How to build a tool from the sources that the Go module mirror serves. */
export interface GoBuild {
    /** Folder under `toolchain/go/` with the go.mod and go.sum that pin every dependency. */
    module: "pulumi" | "kubernetes" | "etcd";
    /** The Go package of the program. */
    package: string;
    /** Value of `-ldflags`. */
    linkerFlags: string;
    /** What a build with a cold Go cache took on two cores, in minutes. */
    minutes: number;
    /** The oldest Go release that go.mod admits, e.g. `1.26`. */
    go: string;
}

/** All there is to know about getting one tool. */
export interface Recipe {
    /** The program's name, without any `.exe`. */
    name: string;
    /** The version that is downloaded or built, without a leading v. */
    version: string;
    /** The versions that will do when one is installed already, as a semver range. */
    accepts: string;
    /** The same in words, to follow the name: `3.259.0 or later`. */
    acceptsInWords: string;
    /** True if it is looked for in the folder that the environment variable KUBEBUILDER_ASSETS names, as envtest does. */
    inKubebuilderAssets: boolean;
    /** Arguments that make it print its version on stdout. */
    versionArguments: readonly string[];
    /** Finds the version in that output: its first group, without a leading v. */
    versionPattern: RegExp;
    release: Release;
    /** Undefined for what Go does not build. */
    build?: GoBuild;
    /** Where a person reads how to install it. */
    installGuide: string;
}

/** The same of a program that Go builds. */
export interface GoRecipe extends Recipe {
    build: GoBuild;
}

/** The version in what a tool printed when asked for it, without a leading v; undefined if there is none. */
export function parseVersion(recipe: Pick<Recipe, "versionPattern">, output: string): string | undefined {
    return recipe.versionPattern.exec(output)?.[1];
}
