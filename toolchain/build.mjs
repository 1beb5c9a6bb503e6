/**
 * Bundles what runs as a program of its own, so that it starts fast and needs no folder of dependencies:
 * the rotator (dist/rotator.js, which starts dist/rotator.bundle.js), the command line (dist/cli.js) and the stand-in plugins of the rehearsal (dist/plugins/<name>.js).
 * What reads PFX files is a file beside them (dist/pfx.js), which they load only where there is one.
 * The licenses of the packages in what is published are in dist/THIRD-PARTY-NOTICES.txt.
 * Runs on any Node.js, since npm calls it while it installs.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launcher } from "./launcher.mjs";
import { onFirstUse } from "./on-first-use.mjs";
import { thirdPartyNotices } from "./third-party-notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const plugins = join(root, "rehearsal", "plugins");

const standIns = [];
const standInPrograms = {};
for (const name of existsSync(plugins) ? readdirSync(plugins) : []) {
    const main = join(plugins, name, "main.ts");
    if (existsSync(main)) {
        standInPrograms[`plugins/${name}.bundle`] = main;
        standIns.push(name);
    }
}

const languageHost = join(root, "packages", "language-host", "src", "main.ts");
if (existsSync(languageHost)) {
    standInPrograms["plugins/language-nodejs.bundle"] = languageHost;
    standIns.push("language-nodejs");
}

const pfxApart = {
    name: "pfx-apart",
    setup: ({ onResolve }) => onResolve({ filter: /^\.\/pfx$/ }, () => ({ path: "./pfx.js", external: true })),
};

/** Node.js keeps a text with any other character in twice the memory; esbuild leaves those in regular expressions. */
const ascii = (text) => text.replace(/\P{ASCII}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Who starts a program while it is built anew gets the whole of the old one or of the new one. */
function put(path, text, mode = 0o644) {
    const beside = `${path}.${process.pid}`;
    writeFileSync(beside, text, { mode });
    renameSync(beside, path);
}

/** Bundles programs; their texts are in ASCII. */
async function bundled(options) {
    const { outputFiles, metafile } = await build({
        outdir: join(root, "dist"),
        write: false,
        bundle: true,
        platform: "node",
        target: "node22",
        format: "cjs",
        mainFields: ["module", "main"],
        // Half the text to read and to keep. Names go with it: no program here shows a stack trace, and esbuild's keepNames
        // would cost each start 10 ms and 2 MB.
        minify: true,
        legalComments: "none",
        logLevel: "warning",
        metafile: true,
        ...options,
    });
    return { files: outputFiles.map(({ path, text }) => ({ path, text: ascii(text) })), metafile };
}

async function bundle(options) {
    const { files, metafile } = await bundled(options);
    for (const { path, text } of files) {
        mkdirSync(dirname(path), { recursive: true });
        put(path, text, text.startsWith("#!") ? 0o755 : 0o644);
    }
    return metafile;
}

const published = await bundle({
    entryPoints: {
        "rotator.bundle": join(root, "rotator", "main.ts"),
        cli: join(root, "cli", "main.ts"),
        pfx: join(root, "azure", "sign-in", "pfx.ts"),
    },
    inject: ["no-form-data.mjs", "small-performance.mjs"].map((file) => join(root, "toolchain", file)),
    plugins: [
        pfxApart,
        // One way to sign in of several; a proxy, where there is one; tokens signed with a client certificate, where there is
        // one; a kubeconfig, once there is one.
        onFirstUse(["@azure/identity", "https-proxy-agent", "http-proxy-agent", "jsonwebtoken", "yaml"]),
        // The Azure CLI, where it is signed in with; packed answers, which are not asked for. And what esbuild does to import a module looks at each of its exports:
        // by that alone util loads worker threads, and more that nobody asked it for.
        onFirstUse(["(node:)?child_process", "(node:)?util", "(node:)?zlib"]),
    ],
});
await bundle({ entryPoints: standInPrograms });

// A rotator waits, for half an hour, and calculates next to nothing: machine code, and room for many new objects, would only
// take memory, 7 MB of 72. In the file itself, since arguments of Node.js would be an input of the stack. rotator/small.ts
// does the rest.
const small = ["--no-opt", "--no-maglev", "--no-sparkplug", "--semi-space-growth-factor=1"];

// In the launcher itself, which decides with it whether the rotator may be loaded into this process.
const guard = await bundled({
    entryPoints: [join(root, "rotator", "guard.ts")],
    format: "iife",
    globalName: "guard",
    plugins: [onFirstUse(["(node:)?child_process"])],
});

put(join(root, "dist", "rotator.js"), launcher("./rotator.bundle.js", small, guard.files[0].text));
put(join(root, "dist", "THIRD-PARTY-NOTICES.txt"), thirdPartyNotices([published, guard.metafile]));
for (const name of standIns) {
    put(join(root, "dist", "plugins", `${name}.js`), launcher(`./${name}.bundle.js`));
}
