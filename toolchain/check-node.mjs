/**
 * Reports that the Node.js which runs npm is older than the package needs. npm starts this after it has installed the
 * dependencies: its own warnings, five lines for each dependency, are turned off in .npmrc.
 */
import { readFileSync } from "node:fs";
import semver from "semver";

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));

const needed = read("package.json").engines.node;
// Not that of this process: in a script of npm `node` is the one among the dependencies.
const version = /\bnode\/v(\S+)/.exec(process.env.npm_config_user_agent ?? "")?.[1] ?? process.versions.node;
if (!semver.satisfies(version, needed)) {
    console.error(
        `This is Node.js ${version}. The npm commands here run on the Node.js ${read("node_modules/node/package.json").version} ` +
            `that came with the dependencies;\npulumi and npx aks-certificate-rotation need Node.js ${semver.minVersion(needed)} or later.`,
    );
}
