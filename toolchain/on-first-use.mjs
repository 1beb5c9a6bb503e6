import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";

/** The virtual modules: what stands for a package, and one export of it alone. */
const whole = "on-first-use";
const one = "on-first-use-one";

/**
 * An esbuild plugin: of these packages, what a bundle imports is loaded when it is first used rather than when the program
 * starts, and of each no more than what is used. An export keeps its name and what it is; only the time changes. Not for a
 * package that does something by being loaded, and not for what a class is derived from as the program starts.
 * A package can be a module of Node.js itself.
 */
export const onFirstUse = (packages) => ({
    name: "on-first-use",
    setup({ onResolve, onLoad, resolve }) {
        onResolve({ filter: new RegExp(`^(${packages.join("|")})$`) }, ({ path, namespace, resolveDir }) =>
            namespace === one || namespace === whole
                ? undefined
                : { path, namespace: whole, pluginData: { resolveDir } },
        );
        onResolve({ filter: /./, namespace: whole }, ({ path, resolveDir }) =>
            isBuiltin(path) ? { path, external: true } : { path, namespace: one, pluginData: { resolveDir } },
        );
        onLoad({ filter: /./, namespace: whole }, ({ path, pluginData: { resolveDir } }) => ({
            contents: Object.keys(createRequire(join(resolveDir, "_"))(path))
                .map((name) => {
                    // Of a module of Node.js itself there is no part to be had.
                    const from = isBuiltin(path) ? path : `${path}:${name}`;
                    const value = `require(${JSON.stringify(from)})[${JSON.stringify(name)}]`;
                    return `Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => ${value} });`;
                })
                .join("\n"),
            resolveDir,
        }));
        onLoad({ filter: /./, namespace: one }, async ({ path, pluginData: { resolveDir } }) => {
            const [, of, name] = /^(.+):(.+)$/.exec(path);
            const found = await resolve(of, { kind: "import-statement", namespace: one, resolveDir });
            const from = fileOf(name, found.path) ?? found.path;
            return { contents: `export { ${name} } from ${JSON.stringify(from)};`, resolveDir };
        });
    },
});

/** The file from which an index re-exports a name; undefined where it does not, since whoever loads an index loads all of it. */
function fileOf(name, index) {
    for (const [, names, file] of readFileSync(index, "utf8").matchAll(/^export \{([^}]*)\} from "(\..*)";/gm)) {
        if (names.split(",").some((each) => each.trim() === name)) {
            return join(dirname(index), file);
        }
    }
    return undefined;
}
