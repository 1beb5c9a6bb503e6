import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { PackageDependency, PackageParameterization } from "@pulumi/pulumi/proto/plugin_pb";

/** The part of a package.json that names the plugin of an SDK. */
interface Manifest {
    name?: string;
    version?: string;
    pulumi?: {
        resource?: boolean;
        name?: string;
        version?: string;
        server?: string;
        parameterization?: { name: string; version: string; value: string };
    };
}

/**
 * The plugins that a program needs: those named by a package.json anywhere under a node_modules below the program's
 * folder, through symbolic links too, except in policy packs. What cannot be read is left out.
 */
export function requiredPackages(programDirectory: string): PackageDependency[] {
    const visited = new Set<string>();
    const packages: PackageDependency[] = [];
    const visit = (directory: string, inNodeModules: boolean) => {
        if (visited.has(directory)) {
            return;
        }
        visited.add(directory);
        for (const { path, isDirectory, name } of entries(directory)) {
            if (isDirectory) {
                if (!isPolicyPack(path)) {
                    visit(path, inNodeModules || directory.endsWith("node_modules"));
                }
            } else if (inNodeModules && name === "package.json") {
                packages.push(...pluginOf(path));
            }
        }
    };
    visit(resolve(programDirectory), false);
    return packages;
}

function entries(directory: string): { path: string; name: string; isDirectory: boolean }[] {
    try {
        return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
            const path = join(directory, entry.name);
            return entry.isSymbolicLink()
                ? linked(path, entry.name)
                : [{ path, name: entry.name, isDirectory: entry.isDirectory() }];
        });
    } catch {
        return [];
    }
}

function linked(path: string, name: string): ReturnType<typeof entries> {
    try {
        const target = realpathSync(path);
        return [{ path: target, name, isDirectory: statSync(target).isDirectory() }];
    } catch {
        return [];
    }
}

function isPolicyPack(directory: string): boolean {
    return statSync(join(directory, "PulumiPolicy.yaml"), { throwIfNoEntry: false }) !== undefined;
}

function pluginOf(file: string): PackageDependency[] {
    const manifest = readManifest(file);
    const { pulumi } = manifest;
    // The scope @pulumi is the one that plugins are named without; any other package has to name its plugin.
    const name = pulumi?.name || /^@pulumi\/(.+)$/.exec(manifest.name ?? "")?.[1];
    const version = pulumi?.version || manifest.version;
    if (pulumi?.resource !== true || !name || !version) {
        return [];
    }
    const plugin = new PackageDependency()
        .setName(name)
        .setKind("resource")
        .setVersion(version.startsWith("v") ? version : `v${version}`)
        .setServer(pulumi.server ?? "");
    const { parameterization } = pulumi;
    return [
        parameterization === undefined
            ? plugin
            : plugin.setParameterization(
                  new PackageParameterization()
                      .setName(parameterization.name)
                      .setVersion(parameterization.version)
                      .setValue(parameterization.value),
              ),
    ];
}

function readManifest(file: string): Manifest {
    try {
        return JSON.parse(readFileSync(file, "utf8")) ?? {};
    } catch {
        return {};
    }
}
