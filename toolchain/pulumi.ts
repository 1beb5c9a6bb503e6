import { checkReachable } from "./download";
import { inWords } from "./duration";
import { findOnPath } from "./executable";
import { getTool } from "./get-tool";
import { interruptible } from "./interrupts";
import { MissingToolsError } from "./missing-tools";
import type { GoRecipe } from "./recipe";
import { realSurroundings, type Surroundings } from "./surroundings";
import type { Progress, Tool } from "./tool";

const VERSION = "3.259.0";
const REPORT_EVERY = 10_000;

/** The Pulumi CLI with its engine. */
export const PULUMI: GoRecipe = {
    name: "pulumi",
    version: VERSION,
    accepts: `>=${VERSION} <4.0.0-0`,
    acceptsInWords: `${VERSION} or later`,
    inKubebuilderAssets: false,
    versionArguments: ["version"],
    versionPattern: /^v(\d+\.\d+\.\d\S*)/m,
    release: {
        where: ({ origins }) => `Pulumi ${VERSION} by the installer of ${origins.pulumi}`,
        fetch: install,
    },
    build: {
        module: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSION}`,
        minutes: 8,
        go: "1.25",
    },
    installGuide: "https://www.pulumi.com/docs/install/",
};

/**
 * Gets the Pulumi CLI, 3.259.0 or later: from PATH, the cache, the official installer, or built. A first build takes
 * minutes, and tells of its progress.
 *
 * @throws MissingToolsError with what to install, if no way works; Interrupted on SIGINT, SIGTERM or SIGHUP.
 */
export function getPulumi(progress: Progress): Promise<Tool> {
    return interruptible((signal) => getPulumiIn(realSurroundings(progress, signal)));
}

/** The same in other surroundings than this machine's. */
export async function getPulumiIn(surroundings: Surroundings): Promise<Tool> {
    const { tool, refusals } = await getTool(PULUMI, surroundings);
    if (!tool) {
        throw new MissingToolsError([{ recipe: PULUMI, refusals }], surroundings);
    }
    return tool;
}

/** The Automation API's own installer: it runs Pulumi's install script, which leaves `bin/pulumi` in the folder. */
async function install({ folder }: { folder: string }, surroundings: Surroundings): Promise<void> {
    const { origins, platform, progress, signal } = surroundings;
    // The installer has no time limit of its own, and its script needs curl.
    await checkReachable(`${origins.pulumi}/install.sh`, { signal });
    if (platform.os !== "win32" && !(await findOnPath("curl", surroundings))) {
        throw new Error("the installer needs curl, and there is none on PATH");
    }
    const [{ PulumiCommand }, { SemVer }] = await Promise.all([
        import("@pulumi/pulumi/automation/index.js"),
        import("semver"),
    ]);
    progress(`installing with the installer of ${origins.pulumi}`);
    const start = Date.now();
    const report = setInterval(() => progress(`installing, ${inWords(Date.now() - start)}`), REPORT_EVERY);
    try {
        await PulumiCommand.install({ version: new SemVer(VERSION), root: folder });
    } catch (error) {
        throw new Error(`the installer failed: ${(error as Error).message.trim().split("\n").at(-1)}`);
    } finally {
        clearInterval(report);
    }
    progress(`installed in ${inWords(Date.now() - start)}`);
}
