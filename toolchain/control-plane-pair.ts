/** Whether the installed program is used, or the pinned version got in its place. */
export type Choice = "installed" | "pinned";

/**
 * Which kube-apiserver and kube-controller-manager to use: as many of the installed ones as possible, the API server
 * before the controller manager, as long as the controller manager is of the same minor release as the API server or
 * one older (https://kubernetes.io/releases/version-skew-policy/).
 *
 * @param installed Versions of the installed ones, undefined where there is none.
 * @param pinned The version that can be had of both.
 */
export function choosePair(
    installed: { apiServer: string | undefined; controllerManager: string | undefined },
    pinned: string,
): { apiServer: Choice; controllerManager: Choice } {
    const candidates: [Choice, Choice][] = [
        ["installed", "installed"],
        ["installed", "pinned"],
        ["pinned", "installed"],
    ];
    for (const [apiServer, controllerManager] of candidates) {
        const server = apiServer === "pinned" ? pinned : installed.apiServer;
        const manager = controllerManager === "pinned" ? pinned : installed.controllerManager;
        if (server !== undefined && manager !== undefined && mayRunTogether(server, manager)) {
            return { apiServer, controllerManager };
        }
    }
    return { apiServer: "pinned", controllerManager: "pinned" };
}

function mayRunTogether(apiServer: string, controllerManager: string): boolean {
    const behind = minorRelease(apiServer) - minorRelease(controllerManager);
    return behind === 0 || behind === 1;
}

function minorRelease(version: string): number {
    return Number(version.split(".")[1]);
}
