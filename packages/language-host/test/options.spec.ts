import assert from "node:assert/strict";
import { parseOptions } from "../src/options";

describe("language host: the runtime options of Pulumi.yaml", () => {
    it("have defaults, and unknown ones are ignored", () => {
        assert.deepEqual(parseOptions({ colour: "blue" }), {
            typescript: true,
            tsconfig: undefined,
            nodeargs: [],
            production: false,
            packagemanager: undefined,
        });
    });

    it("are taken as they are", () => {
        const options = { typescript: false, tsconfig: "a.json", production: true, packagemanager: "pnpm" };
        assert.deepEqual(parseOptions({ ...options, nodeargs: " --a  b " }), { ...options, nodeargs: ["--a", "b"] });
    });

    for (const [name, value, message] of [
        ["typescript", "true", "typescript option must be a boolean"],
        ["tsconfig", true, "tsconfigpath option must be a string"],
        ["nodeargs", ["--a"], "nodeargs option must be a string"],
        ["production", 1, "production option must be a boolean"],
        ["packagemanager", null, "packagemanager option must be a string"],
        ["packagemanager", "cnpm", 'packagemanager option must be one of auto, npm, yarn, pnpm or bun, got "cnpm"'],
    ] as const) {
        it(`refuse ${name}: ${JSON.stringify(value)} as the official host does`, () => {
            assert.throws(() => parseOptions({ [name]: value }), { message });
        });
    }

    it("refuse quotes in nodeargs rather than split them wrongly", () => {
        assert.throws(() => parseOptions({ nodeargs: "--require 'a b'" }), /knows no quotes/);
    });
});
