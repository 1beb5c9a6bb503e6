import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { copyCheckout, installPacked, pack } from "../support/checkout-copy";
import { readFirstUse } from "../support/first-use";

/** Ways in which programs of users are compiled. Each checks the declarations of the packages too. */
const SETTINGS = {
    "CommonJS without esModuleInterop": { module: "commonjs", moduleResolution: "node10", esModuleInterop: false },
    NodeNext: { module: "nodenext", moduleResolution: "nodenext" },
    "bundler resolution": { module: "esnext", moduleResolution: "bundler" },
};

const { program, install } = readFirstUse();

/** The packages that a text imports or requires, Node.js's own modules left out. */
function packagesIn(text: string): string[] {
    const specifiers = [...text.matchAll(/(?:\bfrom |\bimport |\bimport\(|\brequire\()"([^".][^"]*)"/g)].map(
        ([, specifier = ""]) => specifier,
    );
    const names = specifiers
        .filter((specifier) => !specifier.startsWith("node:") && !builtinModules.includes(specifier))
        .map((specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
    return [...new Set(names)].sort();
}

describe("the types of the installed package", function () {
    this.timeout(180_000);
    let folder: string;
    let file: string;
    let paths: string[];

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "package-types-"));
        const checkout = join(folder, "checkout");
        await copyCheckout(checkout);
        ({ file, paths } = await pack(checkout, folder));
        await installPacked(file, folder, ["typescript", "@types/node"]);
        writeFileSync(join(folder, "index.ts"), program);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    for (const [name, settings] of Object.entries(SETTINGS)) {
        it(`have no error with skipLibCheck false: ${name}`, async () => {
            const compilerOptions = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", ...settings };
            const project = join(folder, `tsconfig.${settings.module}.json`);
            writeFileSync(project, JSON.stringify({ compilerOptions, files: ["index.ts"] }));
            const compiler = join(folder, "node_modules", "typescript", "bin", "tsc");
            const result = await promisify(execFile)(process.execPath, [compiler, "-p", project], {
                cwd: folder,
            }).catch((error: { stdout: string }) => error);
            assert.equal(result.stdout, "");
        });
    }

    it("are found, with what they import, where a package sees only its own dependencies", () => {
        const installed = join(folder, "node_modules", "aks-certificate-rotation");
        const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
        const component = paths.filter((path) => /^dist\/(?!rotator|cli|pfx).*\.(js|d\.ts)$/.test(path));
        assert.ok(component.includes("dist/components/index.d.ts"));
        const imported = new Set(component.flatMap((path) => packagesIn(readFileSync(join(installed, path), "utf8"))));
        assert.ok(imported.has("@pulumi/pulumi"));
        const undeclared = [...imported].filter((name) => !Object.hasOwn(dependencies, name));
        assert.deepEqual(undeclared, []);
    });

    it("are found by README's program, whose imports README installs by name", () => {
        const [own, ...others] = install;
        assert.equal(own, `./${basename(file)}`);
        assert.deepEqual(packagesIn(program), [...others, "aks-certificate-rotation"].sort());
    });
});
