import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(__dirname, "..", "..");

describe("every command", function () {
    this.timeout(60_000);

    it("of the command line has --help with examples, also by npx in a checkout", async () => {
        const npx = async (...args: string[]) =>
            (
                await promisify(execFile)("npx", ["--no", "--", "aks-certificate-rotation", ...args, "--help"], {
                    cwd: root,
                    shell: process.platform === "win32",
                })
            ).stdout;
        const commands = [...(await npx()).matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name ?? "");
        assert.ok(commands.includes("status") && commands.includes("get-credentials"));
        for (const command of commands) {
            assert.match(await npx(command), /Examples:\n {2}\$ npx aks-certificate-rotation /, command);
        }
    });

    it("of the rotator is printed where it is given none, as an error; a wrong one is named with those there are", () => {
        const rotator = (...args: string[]) =>
            spawnSync(process.execPath, [join(root, "dist", "rotator.js"), ...args], { encoding: "utf8", env: {} });
        const help = rotator("--help");
        assert.equal(help.status, 0);
        assert.match(help.stdout, /node rotator\.js snapshot/);
        for (const args of [[], [""]]) {
            const { status, stdout, stderr } = rotator(...args);
            assert.deepEqual([status, stdout], [1, ""]);
            assert.equal(stderr, help.stdout);
        }
        const { status, stderr } = rotator("rotat");
        assert.equal(status, 1);
        assert.equal(stderr, '"rotat" is not a command: snapshot, adopt, rotate, preflight; see --help.\n');
    });
});
