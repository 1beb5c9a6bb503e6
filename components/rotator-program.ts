import { existsSync } from "node:fs";
import { relative, sep } from "node:path";

/**
 * JavaScript that declares `find`, which gives the path of the rotator as a program in a folder has it: the package itself
 * (a checkout), a dependency, or a dependency of dependencies, nearest first. A package manager that lets a program import
 * only what it names (pnpm) leaves the last case no other way than by the packages between.
 *
 * It is an input of the Commands, and so in the state: no path, which differs between machines, package managers and
 * versions, can stand there. Every change of it is a change in every stack.
 */
const findRotator = oneLine(`
    const { createRequire } = require("node:module");
    const { dirname, join } = require("node:path");
    const { existsSync, readFileSync, realpathSync } = require("node:fs");
    const find = (folder) => {
        const files = [join(folder, "package.json")];
        for (let at = folder; at !== dirname(at); at = dirname(at)) files.push(join(dirname(at), "package.json"));
        const seen = new Set();
        for (const file of files) {
            const { resolve } = createRequire(file);
            try { return resolve("aks-certificate-rotation/rotator"); } catch {}
            let manifest = {};
            try { manifest = JSON.parse(readFileSync(file, "utf8")); } catch {}
            const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifest;
            const all = { ...dependencies, ...optionalDependencies, ...peerDependencies, ...devDependencies };
            for (const name of Object.keys(all)) {
                const found = (resolve.paths(name) || []).map((at) => join(at, name, "package.json")).find(existsSync);
                const next = found && realpathSync(found);
                if (next && !seen.has(next)) { seen.add(next); files.push(next); }
            }
        }
    };
`);

/** Finds the rotator from the folder of the Command, and runs it as if Node.js had been started with its path. */
const runRotator = oneLine(`
    const rotator = find(process.cwd());
    if (rotator === undefined) {
        console.error("There is no package aks-certificate-rotation in " + process.cwd() + ": install the program's dependencies.");
        process.exit(1);
    }
    process.execArgv.splice(-2);
    process.argv.splice(1, 0, rotator);
    require(rotator);
`);

/** NODE_OPTIONS cannot overrule these: with `NODE_OPTIONS=--inspect-brk pulumi up` a rotator would wait for a debugger. */
const nodeOptions = ["--no-inspect", "--no-inspect-brk", "--no-inspect-wait"];

/**
 * What runs the rotator in the folder of the Pulumi program, before the name of its command. The same wherever the package
 * is installed; only where the program's folder leads to no copy of the package, or to another one than this, it has the path.
 *
 * @param folder the folder that the Pulumi program runs in, and its Commands
 * @throws Error when the rotator has not been built; only in a checkout of this repository
 */
export function rotatorInterpreter(folder = process.cwd()): string[] {
    const file = require.resolve("aks-certificate-rotation/rotator");
    if (!existsSync(file)) {
        throw new Error(`${file} is not there. Build it: npm run build, in the folder of aks-certificate-rotation.`);
    }
    const run =
        rotatorFrom(folder) === file
            ? ["--input-type=commonjs", "-e", `${findRotator} ${runRotator}`]
            : [relative(folder, file).split(sep).join("/")];
    return ["node", ...nodeOptions, ...run];
}

/** The path of the rotator that a Command in a folder finds; undefined where there is none. */
function rotatorFrom(folder: string): string | undefined {
    // The very text that the Command runs.
    return new Function("require", "folder", `${findRotator} return find(folder);`)(require, folder);
}

function oneLine(code: string): string {
    return code.trim().replace(/\s*\n\s*/g, " ");
}
