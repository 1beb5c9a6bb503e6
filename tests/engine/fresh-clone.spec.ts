import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cloneCheckout } from "../support/checkout-copy";

const root = join(__dirname, "..", "..");
const { scripts, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const run = promisify(execFile);

describe("a fresh clone", function () {
    this.timeout(60_000);
    let clone: string;

    before(async () => {
        clone = mkdtempSync(join(tmpdir(), "fresh-clone-"));
        await cloneCheckout(clone);
    });
    after(() => rmSync(clone, { recursive: true, force: true }));

    const commands = Object.entries<string>(scripts).filter(([, text]) => text.includes("toolchain/run.mjs"));
    for (const [name] of commands) {
        it(`prints the help of npm run ${name}, and installs nothing for it`, async () => {
            const before = readdirSync(clone);
            assert.ok(!before.includes("node_modules") && !before.includes("dist"));
            for (const option of ["--help", "-h"]) {
                const { stdout, stderr } = await run("npm", ["run", "--silent", name, "--", option], {
                    cwd: clone,
                    shell: process.platform === "win32",
                });
                assert.match(stdout, /npm (run|test)/);
                assert.match(stdout, /\n {2,}-|\[--|SUITE/, "it has the options");
                assert.equal(stderr, "");
            }
            assert.deepEqual(readdirSync(clone), before);
        });
    }

    it("says in one message that Node.js is too old, and nothing of one that is not", async () => {
        const check = async (version: string) => {
            const env = { ...process.env, npm_config_user_agent: `npm/11.19.1 node/v${version} linux x64` };
            return (await run(process.execPath, [join(root, "toolchain", "check-node.mjs")], { env })).stderr;
        };
        const old = await check("20.20.2");
        assert.match(old, /^This is Node\.js 20\.20\.2\. .* Node\.js 2\d\.\d+\.\d+ that came with the dependencies;/);
        assert.match(old, new RegExp(`need Node\\.js ${engines.node.replace(">=", "")}\\.0 or later\\.\n$`));
        assert.equal(old.trim().split("\n").length, 2);
        assert.equal(await check("22.1.0"), old.replace("20.20.2", "22.1.0"));
        assert.equal(await check("22.9.0"), "");
        assert.equal(await check("24.0.0"), "");
    });

    it("is installed without a warning of npm for each dependency that needs a newer Node.js", async () => {
        const project = join(clone, "installed");
        for (const name of ["first", "second"]) {
            mkdirSync(join(project, name), { recursive: true });
            const manifest = { name, version: "1.0.0", engines: { node: ">=999" } };
            writeFileSync(join(project, name, "package.json"), JSON.stringify(manifest));
        }
        const dependencies = { first: "file:first", second: "file:second" };
        writeFileSync(join(project, "package.json"), JSON.stringify({ dependencies }));
        // What `npm test --silent` and the user have set is not what a fresh clone has.
        const env = { ...process.env, npm_config_userconfig: join(project, "no-such-file") };
        Reflect.deleteProperty(env, "npm_config_loglevel");
        const install = async () => {
            const args = ["install", "--offline", "--no-audit", "--no-fund", "--install-links"];
            const { stderr } = await run("npm", args, { cwd: project, env, shell: process.platform === "win32" });
            rmSync(join(project, "node_modules"), { recursive: true });
            return stderr;
        };
        assert.match(await install(), /EBADENGINE[\s\S]*EBADENGINE/, "npm warns by itself");
        copyFileSync(join(clone, ".npmrc"), join(project, ".npmrc"));
        assert.equal(await install(), "");
    });
});
