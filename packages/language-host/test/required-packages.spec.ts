import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requiredPackages } from "../src/required-packages";

describe("language host: the plugins that a program needs", () => {
    let folder = "";
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "required-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    function put(path: string, content: unknown): void {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
    const found = (program = "program") =>
        requiredPackages(join(folder, program)).map((plugin) => {
            const [name, version, kind] = [plugin.getName(), plugin.getVersion(), plugin.getKind()];
            assert.equal(kind, "resource");
            return `${name} ${version}`;
        });
    const resource = { resource: true };

    it("are those of the SDKs under node_modules, at any depth", () => {
        put("program/node_modules/@pulumi/a/package.json", { name: "@pulumi/a", version: "1.2.3", pulumi: resource });
        put("program/node_modules/x/node_modules/@pulumi/b/package.json", {
            name: "@pulumi/b",
            version: "9.9.9",
            pulumi: { resource: true, name: "bee", version: "v2.0.0" },
        });
        put("program/sub/node_modules/c/package.json", {
            name: "c",
            version: "3.0.0",
            pulumi: { ...resource, name: "sea" },
        });
        assert.deepEqual(found().sort(), ["a v1.2.3", "bee v2.0.0", "sea v3.0.0"]);
    });

    it("are no other packages: outside of node_modules, without a plugin, nameless, broken, or of a policy pack", () => {
        const sdk = { name: "@pulumi/a", version: "1.0.0", pulumi: resource };
        put("program/package.json", sdk);
        put("program/node_modules/plain/package.json", { name: "plain", version: "1.0.0" });
        put("program/node_modules/off/package.json", { ...sdk, pulumi: { resource: false } });
        put("program/node_modules/third-party/package.json", { ...sdk, name: "third-party" });
        put("program/node_modules/broken/package.json", "{");
        put("program/node_modules/null/package.json", "null");
        put("program/policy/PulumiPolicy.yaml", "runtime: nodejs");
        put("program/policy/node_modules/@pulumi/a/package.json", sdk);
        assert.deepEqual(found(), []);
    });

    it("are found through links, each once, also where links go round", () => {
        put("elsewhere/@pulumi/a/package.json", { name: "@pulumi/a", version: "1.0.0", pulumi: resource });
        put("program/index.ts", "");
        symlinkSync(join(folder, "elsewhere"), join(folder, "program", "node_modules"));
        // What is linked counts as in node_modules where the folder that holds it does.
        mkdirSync(join(folder, "other", "node_modules"), { recursive: true });
        symlinkSync(join(folder, "elsewhere", "@pulumi", "a"), join(folder, "other", "node_modules", "a"));
        symlinkSync(join(folder, "other"), join(folder, "other", "node_modules", "round"));
        symlinkSync(join(folder, "nowhere"), join(folder, "other", "node_modules", "dangling"));
        assert.deepEqual(found("other"), ["a v1.0.0"]);
    });

    it("keep a parameterization", () => {
        const parameterization = { name: "random", version: "3.0.0", value: Buffer.from("value").toString("base64") };
        put("program/node_modules/p/package.json", {
            name: "p",
            version: "1.0.0",
            pulumi: { resource: true, name: "terraform-provider", version: "0.1.0", parameterization },
        });
        const [plugin] = requiredPackages(join(folder, "program"));
        assert.equal(plugin?.getVersion(), "v0.1.0");
        assert.deepEqual(plugin?.getParameterization()?.toObject(), parameterization);
    });
});
