import { chmod } from "node:fs/promises";
import { type Choice, choosePair } from "./control-plane-pair";
import { downloadFile, downloadText, findSha256 } from "./download";
import { ETCD } from "./etcd";
import { NotThere, type Outcome } from "./first-that-works";
import { after, findInstalled, getPinned } from "./get-tool";
import { interruptible } from "./interrupts";
import { type MissingTool, MissingToolsError } from "./missing-tools";
import { goPlatform } from "./platform";
import type { GoRecipe } from "./recipe";
import { realSurroundings, type Surroundings } from "./surroundings";
import type { Progress, Tool } from "./tool";

const VERSION = "1.36.3";
const VERSION_PACKAGE = "k8s.io/component-base/version";

/** The programs of a Kubernetes control plane. */
export interface ControlPlaneTools {
    etcd: Tool;
    apiServer: Tool;
    controllerManager: Tool;
}

/** The Kubernetes API server. */
export const API_SERVER: GoRecipe = program("kube-apiserver", 7);
/** The controllers, of which a rehearsal needs the garbage collector and the namespace controller. */
export const CONTROLLER_MANAGER: GoRecipe = program("kube-controller-manager", 2);

/**
 * Gets etcd, kube-apiserver and kube-controller-manager, each from KUBEBUILDER_ASSETS, PATH, the cache, the official
 * release, or built. An installed kube-apiserver and kube-controller-manager are used only if their versions may be run
 * together. First builds take minutes, and tell of their progress.
 *
 * @throws MissingToolsError with what to install, if no way works for one of them; Interrupted on SIGINT, SIGTERM or
 * SIGHUP.
 */
export function getControlPlane(progress: Progress): Promise<ControlPlaneTools> {
    return interruptible((signal) => getControlPlaneIn(realSurroundings(progress, signal)));
}

/** The same in other surroundings than this machine's. */
export async function getControlPlaneIn(surroundings: Surroundings): Promise<ControlPlaneTools> {
    const [foundEtcd, foundApiServer, foundManager] = await Promise.all([
        findInstalled(ETCD, surroundings),
        findInstalled(API_SERVER, surroundings),
        findInstalled(CONTROLLER_MANAGER, surroundings),
    ]);
    const pair = choosePair(
        { apiServer: foundApiServer.tool?.version, controllerManager: foundManager.tool?.version },
        VERSION,
    );
    const missing: MissingTool[] = [];
    // One after the other: each build takes all cores.
    const etcd = await complete(ETCD, foundEtcd);
    const apiServer = await complete(API_SERVER, respect(pair.apiServer, foundApiServer));
    const controllerManager = await complete(CONTROLLER_MANAGER, respect(pair.controllerManager, foundManager));
    if (!etcd || !apiServer || !controllerManager) {
        throw new MissingToolsError(missing, surroundings);
    }
    return { etcd, apiServer, controllerManager };

    async function complete(recipe: GoRecipe, found: Outcome): Promise<Tool | undefined> {
        if (found.tool) {
            return found.tool;
        }
        const { tool, refusals } = after(found.refusals, await getPinned(recipe, surroundings));
        if (!tool) {
            missing.push({ recipe, refusals });
        }
        return tool;
    }

    /** Turns an installed tool that does not fit the other into one more refusal. */
    function respect(choice: Choice, { tool, refusals }: Outcome): Outcome {
        if (!tool || choice === "installed") {
            return { tool, refusals };
        }
        const why =
            `${tool.path} is ${tool.version}, which fits the other program at hand in no way: ` +
            "kube-controller-manager must be of the same minor release as kube-apiserver, or one older";
        surroundings.progress(`${tool.name}: not using the one from ${tool.source}: ${why}`);
        return {
            tool: undefined,
            refusals: [...refusals, { source: tool.source, what: tool.source, why, absent: false }],
        };
    }
}

/**
 * A program of Kubernetes. Released as a bare binary with its SHA-256 beside it, for Linux only:
 * https://kubernetes.io/releases/download/#binaries
 */
function program(name: string, minutes: number): GoRecipe {
    const url = (surroundings: Surroundings) => {
        const { os, arch } = goPlatform(surroundings.platform);
        return `${surroundings.origins.kubernetes}/release/v${VERSION}/bin/${os}/${arch}/${name}`;
    };
    return {
        name,
        version: VERSION,
        accepts: ">=1.30.0 <1.40.0-0",
        acceptsInWords: "1.30 to 1.39",
        inKubebuilderAssets: true,
        versionArguments: ["--version"],
        versionPattern: /^Kubernetes v(\d+\.\d+\.\d\S*)/m,
        release: {
            where: url,
            async fetch({ executable }, surroundings) {
                const { platform, signal, progress } = surroundings;
                if (platform.os !== "linux") {
                    throw new NotThere(`no official ${name} is released for ${platform.os}`);
                }
                const from = url(surroundings);
                const sum = findSha256(await downloadText(`${from}.sha256`, { signal }), name);
                progress(`downloading ${from}`);
                await downloadFile(from, executable, sum, { signal, progress });
                await chmod(executable, 0o755);
            },
        },
        build: {
            module: "kubernetes",
            package: `k8s.io/kubernetes/cmd/${name}`,
            linkerFlags: `-s -w -X ${VERSION_PACKAGE}.gitVersion=v${VERSION} -X ${VERSION_PACKAGE}.gitMajor=1 -X ${VERSION_PACKAGE}.gitMinor=36`,
            minutes,
            go: "1.26",
        },
        installGuide: `https://kubernetes.io/releases/download/#binaries (${VERSION} is known to work)`,
    };
}
