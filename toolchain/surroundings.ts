import path from "node:path";
import envPaths from "env-paths";
import type { Platform } from "./platform";
import type { Progress } from "./tool";

/** Where official releases are downloaded from, without a trailing slash. */
export interface Origins {
    /** Kubernetes release binaries. */
    kubernetes: string;
    /** GitHub, for the releases of etcd. */
    github: string;
    /** The Pulumi installer. */
    pulumi: string;
}

/** The places that the makers of the tools publish at. */
export const OFFICIAL_ORIGINS: Origins = {
    kubernetes: "https://dl.k8s.io",
    github: "https://github.com",
    pulumi: "https://get.pulumi.com",
};

/** Everything outside the toolchain that it depends on, in one place so that a test can put its own there. */
export interface Surroundings {
    /** Environment variables: PATH, KUBEBUILDER_ASSETS, and what `go` is started with. */
    environment: NodeJS.ProcessEnv;
    platform: Platform;
    /** Absolute path of the folder that got tools are kept in. */
    cacheFolder: string;
    origins: Origins;
    progress: Progress;
    /** Aborted when the user interrupts: running processes are ended and nothing further is tried. */
    signal: AbortSignal;
}

/**
 * The folder that downloaded and built tools are kept in: what AKS_ROTATION_CACHE names, else this project's folder in
 * the operating system's cache folder (`~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
    const named = environment.AKS_ROTATION_CACHE;
    return named ? path.resolve(named) : envPaths("aks-certificate-rotation", { suffix: "" }).cache;
}

/** This machine and process, with the official origins. */
export function realSurroundings(progress: Progress, signal: AbortSignal): Surroundings {
    return {
        environment: process.env,
        platform: { os: process.platform, arch: process.arch },
        cacheFolder: cacheFolder(process.env),
        origins: OFFICIAL_ORIGINS,
        progress,
        signal,
    };
}
