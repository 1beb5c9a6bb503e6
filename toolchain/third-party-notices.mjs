import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const RULE = "=".repeat(80);

/**
 * The notices for the packages whose code is in bundles: of each its name, version, license and the texts of its license
 * files.
 *
 * @param metafiles what esbuild says of each build, with paths from the working directory
 * @throws Error when a package has no file with its license
 */
export function thirdPartyNotices(metafiles) {
    const sections = bundledPackages(metafiles).map(({ name, version, license, texts }) =>
        [`${name} ${version}`, `License: ${license}`, "", ...texts].join("\n"),
    );
    const head = "The programs in this folder have code of the following packages in them.";
    return `${[head, ...sections].join(`\n\n${RULE}\n`)}\n`;
}

/** The packages that have given code to bundles, by name; two versions of one are two. */
function bundledPackages(metafiles) {
    const folders = new Set();
    for (const { outputs } of metafiles) {
        for (const path of Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))) {
            const [, folder] = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
            if (folder !== undefined) {
                folders.add(resolve(folder));
            }
        }
    }
    return [...folders].map(readPackage).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function readPackage(folder) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = readdirSync(folder)
        .filter((file) => /^(licen[cs]e|copying|notice|third-?party-?notice)/i.test(file))
        .sort()
        .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
    if (texts.length === 0) {
        throw new Error(`${name} ${version} is bundled, but ${folder} has no file with its license.`);
    }
    return { name, version, license, texts };
}
