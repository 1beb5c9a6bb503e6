/**
 * `node toolchain/check-node.mjs [VERSION]` says so where Node.js, this one or another version of it, is older than the
 * package needs. npm runs it after it has installed the dependencies: its own warnings, five lines for each dependency, are
 * turned off in .npmrc.
 */
import { readFileSync } from "node:fs";
import semver from "semver";

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

const needed = read("package.json").engines.node;
const version = process.argv[2] ?? process.versions.node;
if (!semver.satisfies(version, needed)) {
    console.error(
        `This is Node.js ${version}. The npm commands here run on the Node.js ${read("node_modules/node/package.json").version} ` +
            `that came with the dependencies;\npulumi and npx aks-certificate-rotation need Node.js ${semver.minVersion(needed)} or later.`,
    );
}
