import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    chmodSync,
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyCheckout, pack } from "../support/checkout-copy";

const root = join(__dirname, "..", "..");
const windows = process.platform === "win32";

describe("the installed package", function () {
    this.timeout(120_000);

    it("has rotator and command line as plain JavaScript files that need nothing, and the component with its types", async () => {
        const folder = mkdtempSync(join(tmpdir(), "package-"));
        try {
            // A copy: where dist/components is, `pulumi up` would run it if Pulumi.yaml did not name the program.
            const checkout = join(folder, "checkout");
            await copyCheckout(checkout);
            const { file, paths } = await pack(checkout, folder);
            for (const path of [
                "dist/rotator.js",
                "dist/rotator.bundle.js",
                "dist/cli.js",
                "dist/THIRD-PARTY-NOTICES.txt",
                "docs/command-line.md",
                "dist/components/index.js",
                "dist/components/index.d.ts",
                "README.md",
                "LICENSE",
            ]) {
                assert.ok(paths.includes(path), `${path} is in the package`);
            }
            assert.ok(
                !paths.some((path) => /^(tests|packages|rehearsal|dist\/plugins|dist\/compiled|toolchain)/.test(path)),
                paths.join(),
            );
            execFileSync("tar", ["xzf", file], { cwd: folder });
            // npm warns of each of them that a package from a file has.
            const { scripts } = JSON.parse(readFileSync(join(folder, "package", "package.json"), "utf8"));
            const run = ["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts);
            assert.deepEqual(run, [], "no script that an installation runs");
            // Nothing is installed beside them: rotator and command line must need nothing.
            const help = execFileSync(process.execPath, ["package/dist/rotator.js", "--help"], {
                cwd: folder,
                encoding: "utf8",
            });
            assert.match(help, /node rotator\.js rotate/);
            // What Node.js compiled is kept beside it, for nobody else to write to.
            const compiled = join(folder, "package", "dist", "compiled");
            assert.notDeepEqual(readdirSync(compiled), []);
            assert.ok(windows || (statSync(compiled).mode & 0o077) === 0);
            const commands = execFileSync(process.execPath, ["package/dist/cli.js", "--help"], {
                cwd: folder,
                encoding: "utf8",
            });
            assert.match(commands, /^ {2}status [\s\S]*^ {2}get-credentials /m);
            // The name of the package leads to the component, and the component to the rotator, as in a program that
            // has installed it; what it depends on is that of this checkout.
            const program =
                'const { CertificateRotation } = require("aks-certificate-rotation");' +
                'console.log(typeof CertificateRotation, require.resolve("aks-certificate-rotation/rotator"));';
            writeFileSync(join(folder, "package", "try.cjs"), program);
            const env = { ...process.env, NODE_PATH: join(root, "node_modules") };
            const found = execFileSync(process.execPath, ["package/try.cjs"], { cwd: folder, encoding: "utf8", env });
            assert.match(found, /^function .*package[\\/]dist[\\/]rotator\.js$/m);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });

    it("starts where nothing can be kept, and keeps nothing where others could write to it", () => {
        const folder = mkdtempSync(join(tmpdir(), "package-"));
        try {
            for (const file of readdirSync(join(root, "dist")).filter((name) => name.endsWith(".js"))) {
                copyFileSync(join(root, "dist", file), join(folder, file));
            }
            const help = () =>
                execFileSync(process.execPath, [join(folder, "rotator.js"), "--help"], { encoding: "utf8" });
            const compiled = join(folder, "compiled");
            writeFileSync(compiled, "a file where the folder would be");
            assert.match(help(), /node rotator\.js rotate/);
            rmSync(compiled);
            mkdirSync(compiled);
            chmodSync(compiled, 0o777);
            assert.match(help(), /node rotator\.js rotate/);
            assert.ok(windows || readdirSync(compiled).length === 0);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    });
});
