import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runChild } from "./child";
import { inWords } from "./duration";
import { findOnPath } from "./executable";
import { NotThere } from "./first-that-works";
import { getTool } from "./get-tool";
import { interruptible } from "./interrupts";
import { MissingToolsError } from "./missing-tools";
import { PipNews } from "./pip-news";
import type { Recipe } from "./recipe";
import { realSurroundings, type Surroundings } from "./surroundings";
import type { Progress, Tool } from "./tool";

const VERSION = "2.91.0";
const REPORT_EVERY = 10_000;

/** What azure-cli 2.91.0 asks for in its `Requires-Python`. */
const OLDEST_PYTHON = "3.10";

/** The versions of all that azure-cli needs, as pip resolved them once: `pip freeze` of a fresh environment. */
const CONSTRAINTS = path.join(__dirname, "python", `azure-cli-${VERSION}.txt`);

/** Prints the version; fails where there is no venv, or no pip for it, as on a Debian without python3-venv. */
const ASK_PYTHON = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])";

/** The slot is moved once it is full, so that no path in it may be absolute. -I: a folder named azure must not be taken. */
const LAUNCHER = `#!/bin/sh
exec "$(dirname "$0")/../environment/bin/python" -I -m azure.cli "$@"
`;

/** The Azure CLI, from the Python package index. */
export const AZURE_CLI: Recipe = {
    name: "az",
    version: VERSION,
    accepts: `>=${VERSION} <3.0.0-0`,
    acceptsInWords: `${VERSION} or later`,
    inKubebuilderAssets: false,
    versionArguments: ["version", "--output", "json"],
    versionPattern: /"azure-cli": "(\d+\.\d+\.\d[^"]*)"/,
    release: {
        where: () => `azure-cli ${VERSION} by pip, into a virtual environment of its own`,
        fetch: install,
    },
    installGuide: "https://learn.microsoft.com/cli/azure/install-azure-cli",
};

/**
 * Gets the Azure CLI, 2.91.0 or later: from PATH, the cache, or by pip, which takes some minutes, tells of its progress
 * and needs Python 3.10 or later with venv.
 *
 * @throws MissingToolsError with what to install, if no way works; Interrupted on SIGINT, SIGTERM or SIGHUP.
 */
export function getAzureCli(progress: Progress): Promise<Tool> {
    return interruptible((signal) => getAzureCliIn(realSurroundings(progress, signal)));
}

/** The same in other surroundings than this machine's. */
export async function getAzureCliIn(surroundings: Surroundings): Promise<Tool> {
    // Even when it is only asked for its version, az writes into its configuration: not into the user's.
    const configuration = await mkdtemp(path.join(tmpdir(), "az-"));
    try {
        const environment = {
            ...surroundings.environment,
            AZURE_CONFIG_DIR: configuration,
            AZURE_CORE_COLLECT_TELEMETRY: "false",
        };
        const { tool, refusals } = await getTool(AZURE_CLI, { ...surroundings, environment });
        if (!tool) {
            throw new MissingToolsError([{ recipe: AZURE_CLI, refusals }], surroundings);
        }
        return tool;
    } finally {
        await rm(configuration, { recursive: true, force: true, maxRetries: 3 });
    }
}

async function install(
    { executable, folder }: { executable: string; folder: string },
    surroundings: Surroundings,
): Promise<void> {
    const { platform, progress } = surroundings;
    if (platform.os === "win32") {
        throw new NotThere("the Azure CLI is installed for you on Linux and macOS only");
    }
    const python = await findPython(surroundings);
    const environment = path.join(folder, "environment");
    const start = Date.now();
    progress("making a virtual environment");
    await runPython(python, ["-m", "venv", environment], surroundings);
    const news = new PipNews();
    const report = setInterval(() => progress(`pip: ${news.summary()}, ${inWords(Date.now() - start)}`), REPORT_EVERY);
    try {
        progress(`pip install azure-cli==${VERSION}: some minutes, about 750 MB with all that it needs`);
        const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
        const packages = ["--constraint", CONSTRAINTS, `azure-cli==${VERSION}`];
        await runPython(path.join(environment, "bin", "python"), [...pip, ...packages], surroundings, (line) =>
            news.add(line),
        );
    } finally {
        clearInterval(report);
    }
    await writeFile(executable, LAUNCHER);
    await chmod(executable, 0o755);
    progress(`pip: done, ${news.summary()}, ${inWords(Date.now() - start)}`);
}

/** The first of python3 and python on PATH that is new enough and can make virtual environments. */
async function findPython(surroundings: Surroundings): Promise<string> {
    const { environment, signal } = surroundings;
    const { satisfies } = await import("semver");
    const needed = `needed is Python ${OLDEST_PYTHON} or later with venv (Debian and Ubuntu: package python3-venv)`;
    let refusal: string | undefined;
    for (const name of ["python3", "python"]) {
        const file = await findOnPath(name, surroundings);
        if (file === undefined) {
            continue;
        }
        const { exitCode, stdout, stderr } = await runChild(file, ["-I", "-c", ASK_PYTHON], { environment, signal });
        const version = stdout.trim();
        if (exitCode === 0 && satisfies(`${version}.0`, `>=${OLDEST_PYTHON}.0`)) {
            return file;
        }
        const why = exitCode === 0 ? `is Python ${version}` : `cannot make one: ${stderr.trim().split("\n").at(-1)}`;
        refusal ??= `${file} ${why}; ${needed}`;
    }
    throw new Error(refusal ?? `no python3 on PATH; ${needed}`);
}

async function runPython(
    python: string,
    args: string[],
    { environment, signal }: Surroundings,
    onLine?: (line: string) => void,
): Promise<void> {
    // A user's PIP_TARGET, PIP_USER or PYTHONPATH would lead the packages past the environment.
    const { PIP_TARGET, PIP_PREFIX, PIP_USER, PYTHONPATH, PYTHONHOME, ...rest } = environment;
    const result = await runChild(python, args, { environment: rest, signal, onLine });
    if (result.exitCode !== 0) {
        const said = result.stderr.trim().split("\n").slice(-4).join("; ");
        const what = args.slice(1, 3).join(" ");
        throw new Error(`${what} failed (${result.endedBy ?? `exit code ${result.exitCode}`}): ${said}`);
    }
}
