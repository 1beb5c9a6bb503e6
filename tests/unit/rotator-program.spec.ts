import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { rotatorInterpreter } from "../../components/rotator-program";

const root = join(__dirname, "..", "..");
const name = "aks-certificate-rotation";
const own = require.resolve(`${name}/rotator`);

/** A rotator that prints who it is, and how it was started. */
const fake = (version: string) =>
    `console.log(JSON.stringify({ version: ${JSON.stringify(version)}, argv: process.argv.slice(1), execArgv: process.execArgv }));`;

describe("what runs the rotator", () => {
    let folder: string;
    beforeEach(() => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), "program-")));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const write = (path: string, text: string) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    };
    const manifest = (path: string, ...dependencies: string[]) =>
        write(
            join(path, "package.json"),
            JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((one) => [one, "*"])) }),
        );
    /** An installed copy of this package. */
    const install = (path: string, version: string) => {
        write(join(path, "package.json"), JSON.stringify({ name, exports: { "./rotator": "./dist/rotator.js" } }));
        write(join(path, "dist", "rotator.js"), fake(version));
    };
    const link = (path: string, target: string) => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        symlinkSync(join(folder, target), join(folder, path), "junction");
    };
    const found = (cwd: string, env: Record<string, string> = {}) => {
        const [, ...first] = rotatorInterpreter(root);
        const out = execFileSync(process.execPath, [...first, "rotate"], {
            cwd: join(folder, cwd),
            env: { ...process.env, ...env },
            encoding: "utf8",
            stdio: ["ignore", "pipe", "pipe"],
            timeout: 8000,
        });
        return JSON.parse(out) as { version: string; argv: string[]; execArgv: string[] };
    };

    it("is the same in a checkout, in a folder of it, and has no path in it", () => {
        const interpreter = rotatorInterpreter(root);
        assert.deepEqual(rotatorInterpreter(join(root, "tests", "engine")), interpreter);
        assert.ok(interpreter.every((argument) => !argument.includes("dist/") && !argument.includes(root)));
    });

    const layouts: [what: string, cwd: string, make: () => void][] = [
        [
            "installed by npm",
            ".",
            () => {
                manifest(".", name);
                install(`node_modules/${name}`, "it");
            },
        ],
        [
            "installed by pnpm",
            ".",
            () => {
                manifest(".", name);
                install(`node_modules/.pnpm/${name}@1.2.3/node_modules/${name}`, "it");
                link(`node_modules/${name}`, `node_modules/.pnpm/${name}@1.2.3/node_modules/${name}`);
            },
        ],
        [
            "hoisted above a workspace, with main in a folder of the program",
            "packages/program/src",
            () => {
                manifest(".");
                manifest("packages/program", name);
                mkdirSync(join(folder, "packages", "program", "src"), { recursive: true });
                install(`node_modules/${name}`, "it");
            },
        ],
        [
            "a dependency of a dependency, which npm has hoisted",
            ".",
            () => {
                manifest(".", "shared");
                manifest("node_modules/shared", name);
                install(`node_modules/${name}`, "it");
            },
        ],
        [
            "a dependency of a dependency, to which pnpm shows nothing else",
            ".",
            () => {
                manifest(".", "other", "shared", "missing");
                const store = "node_modules/.pnpm";
                manifest(`${store}/other@1.0.0/node_modules/other`);
                manifest(`${store}/shared@1.0.0/node_modules/shared`, "deeper");
                manifest(`${store}/deeper@1.0.0/node_modules/deeper`, name, "shared");
                install(`${store}/${name}@2.0.0/node_modules/${name}`, "it");
                link("node_modules/other", `${store}/other@1.0.0/node_modules/other`);
                link("node_modules/shared", `${store}/shared@1.0.0/node_modules/shared`);
                link(`${store}/shared@1.0.0/node_modules/deeper`, `${store}/deeper@1.0.0/node_modules/deeper`);
                link(`${store}/deeper@1.0.0/node_modules/shared`, `${store}/shared@1.0.0/node_modules/shared`);
                link(`${store}/deeper@1.0.0/node_modules/${name}`, `${store}/${name}@2.0.0/node_modules/${name}`);
            },
        ],
        [
            "nearest to the program, where there are two versions",
            ".",
            () => {
                manifest(".", "shared", name);
                manifest("node_modules/shared", name);
                install(`node_modules/shared/node_modules/${name}`, "another");
                install(`node_modules/${name}`, "it");
            },
        ],
    ];
    for (const [what, cwd, make] of layouts) {
        it(`finds it: ${what}`, () => {
            make();
            const { version, argv, execArgv } = found(cwd);
            assert.equal(version, "it");
            assert.deepEqual([argv.length, argv[1]], [2, "rotate"]);
            assert.match(argv[0] ?? "", /rotator\.js$/);
            assert.ok(!execArgv.includes("-e"), "it can be started again with its arguments");
        });
    }

    it("says what to do where it is not installed", () => {
        assert.throws(
            () => found("."),
            (error: Error & { stderr: string }) =>
                /There is no package aks-certificate-rotation in .*: install the program's dependencies/.test(
                    error.stderr,
                ),
        );
    });

    it("does not wait for a debugger, and is no module, whatever NODE_OPTIONS says", () => {
        install(`node_modules/${name}`, "it");
        for (const options of ["--inspect-brk=127.0.0.1:0", "--inspect-wait=127.0.0.1:0", "--input-type=module"]) {
            assert.equal(found(".", { NODE_OPTIONS: options }).version, "it");
        }
    });

    it("is by its path only where the program's folder leads to no copy, or to another one", () => {
        const byPath = rotatorInterpreter(folder);
        assert.equal(resolve(folder, byPath.at(-1) ?? ""), own);
        assert.doesNotMatch(byPath.at(-1) ?? "", /\\/);
        install(`node_modules/${name}`, "another");
        assert.deepEqual(rotatorInterpreter(folder), byPath);
    });
});
