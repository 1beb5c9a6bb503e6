/**
 * `node toolchain/run.mjs PROGRAM.ts [ARGUMENT ...]` runs a program of this project on a fresh clone: it installs
 * the locked dependencies if they are missing or out of date, bundles the rotator and the fake providers, and
 * starts the program with Node.js 24 or later: the one that npm installs where this one is older.
 *
 * With --help it prints PROGRAM.help.txt, and installs nothing.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const installed = join(root, "node_modules", ".package-lock.json");
const windows = process.platform === "win32";

function run(what, command, args, options = {}) {
    const { status, signal } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
    if (status !== 0) {
        console.error(`${what} failed (${signal ?? `exit code ${status}`}); its output is above.`);
        process.exit(1);
    }
}

const changed = (file) => statSync(file).mtimeMs;

function install() {
    if (!existsSync(installed) || changed(installed) < changed(join(root, "package-lock.json"))) {
        console.error("Installing the locked dependencies (npm ci); about a minute …");
        run("npm ci", "npm", ["ci", "--no-audit", "--no-fund"], { shell: windows });
    } else {
        run("The build", process.execPath, [join(root, "toolchain", "build.mjs")]);
    }
}

function start(program, args) {
    const bundled = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
    const node = Number(process.versions.node.split(".")[0]) >= 24 ? process.execPath : bundled;
    const child = spawn(node, ["--require", "ts-node/register/transpile-only", join(root, program), ...args], {
        stdio: "inherit",
        env: {
            ...process.env,
            TS_NODE_PROJECT: join(root, "tsconfig.json"),
            PATH: [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
        },
    });
    // Ctrl-C reaches the child by itself: both are in the terminal's foreground group. We stay until it has tidied up.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

const [program, ...args] = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(readFileSync(join(root, program.replace(/\.ts$/, ".help.txt"))));
} else {
    install();
    start(program, args);
}
