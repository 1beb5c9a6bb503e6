/**
 * Bundles what runs as a program of its own, so that it starts fast and needs no folder of dependencies:
 * the rotator (dist/rotator.js), the command line (dist/cli.js) and the stand-in plugins of the rehearsal (dist/plugins/<name>.js).
 * What reads PFX files is a file beside them (dist/pfx.js), which they load only where there is one.
 * Runs on any Node.js, since npm calls it while it installs.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const plugins = join(root, "rehearsal", "plugins");

const standIns = [];
const entryPoints = {
    rotator: join(root, "rotator", "main.ts"),
    cli: join(root, "cli", "main.ts"),
    pfx: join(root, "azure", "sign-in", "pfx.ts"),
};
for (const name of existsSync(plugins) ? readdirSync(plugins) : []) {
    const main = join(plugins, name, "main.ts");
    if (existsSync(main)) {
        entryPoints[`plugins/${name}.bundle`] = main;
        standIns.push(name);
    }
}

const pfxApart = {
    name: "pfx-apart",
    setup: ({ onResolve }) => onResolve({ filter: /^\.\/pfx$/ }, () => ({ path: "./pfx.js", external: true })),
};

await build({
    entryPoints,
    plugins: [pfxApart],
    outdir: join(root, "dist"),
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    mainFields: ["module", "main"],
    // Half the text to read at each start; names are kept for stack traces.
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
});

// A plugin starts with every run of the engine: what Node.js has compiled once it need not compile again.
for (const name of standIns) {
    const launcher = `require("node:module").enableCompileCache(require("node:path").join(__dirname, "compiled"));
require("./${name}.bundle.js");
`;
    writeFileSync(join(root, "dist", "plugins", `${name}.js`), launcher);
}
