import assert from "node:assert/strict";
import { execFile } from "node:child_process";
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
});
