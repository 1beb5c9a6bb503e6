import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { runChild } from "./child";
import { downloadFile, downloadText, findSha256 } from "./download";
import { goPlatform } from "./platform";
import type { GoRecipe } from "./recipe";
import type { Surroundings } from "./surroundings";

const VERSION = "3.6.16";

/** etcd, the store under kube-apiserver. Released at https://github.com/etcd-io/etcd/releases with SHA256SUMS. */
export const ETCD: GoRecipe = {
    name: "etcd",
    version: VERSION,
    accepts: ">=3.6.0 <4.0.0-0",
    acceptsInWords: "3.6.0 or later",
    inKubebuilderAssets: true,
    versionArguments: ["--version"],
    versionPattern: /^etcd Version: v?(\d+\.\d+\.\d\S*)/m,
    release: {
        where: (surroundings) => `${releaseFolder(surroundings)}/${archiveName(surroundings)}`,
        async fetch({ executable, folder }, surroundings) {
            const { signal, progress } = surroundings;
            const name = archiveName(surroundings);
            const sums = await downloadText(`${releaseFolder(surroundings)}/SHA256SUMS`, { signal });
            const archive = path.join(folder, name);
            progress(`downloading ${releaseFolder(surroundings)}/${name}`);
            await downloadFile(`${releaseFolder(surroundings)}/${name}`, archive, findSha256(sums, name), {
                signal,
                progress,
            });
            await extractOne(archive, path.basename(executable), path.dirname(executable), signal);
            await rm(archive);
        },
    },
    build: {
        module: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        linkerFlags: "-s -w",
        minutes: 1,
        go: "1.26",
    },
    installGuide: `https://etcd.io/docs/v3.6/install/ (${VERSION} is known to work)`,
};

function releaseFolder({ origins }: Surroundings): string {
    return `${origins.github}/etcd-io/etcd/releases/download/v${VERSION}`;
}

/** Linux releases are tar.gz, macOS and Windows ones zip. */
function archiveName({ platform }: Surroundings): string {
    const { os, arch } = goPlatform(platform);
    return `etcd-v${VERSION}-${os}-${arch}.${os === "linux" ? "tar.gz" : "zip"}`;
}

/** Takes one file out of the archive's only top folder into `to`. */
async function extractOne(archive: string, file: string, to: string, signal: AbortSignal): Promise<void> {
    if (archive.endsWith(".zip")) {
        // The tar that macOS and Windows bring (bsdtar) reads zip files.
        const result = await runChild("tar", ["-xf", archive, "-C", to, "--strip-components", "1", `*/${file}`], {
            signal,
        });
        if (result.exitCode !== 0) {
            throw new Error(`tar cannot read ${path.basename(archive)}: ${result.stderr.trim()}`);
        }
        return;
    }
    const { x } = await import("tar");
    const { pipeline } = await import("node:stream/promises");
    const filter = (entry: string) => path.posix.basename(entry) === file;
    await pipeline(createReadStream(archive), x({ cwd: to, strip: 1, filter }), { signal });
}
