import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as semver from "semver";

const root = join(__dirname, "..", "..");
const { engines, allowScripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

interface Locked {
    dev?: boolean;
    deprecated?: string;
    hasInstallScript?: boolean;
    engines?: { node?: string };
}
const locked = Object.entries<Locked>(
    JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages,
).filter(([path]) => path.startsWith("node_modules/"));
const ofUsers = locked.filter(([, { dev }]) => !dev);

/** Where the lock file has packages like these. */
const paths = (packages: [string, Locked][]) => packages.map(([path]) => path);

describe("an installation", () => {
    it("has no package that is deprecated", () => {
        assert.ok(ofUsers.length > 50);
        assert.deepEqual(paths(locked.filter(([, { deprecated }]) => deprecated !== undefined)), []);
    });

    it("of the package needs no newer Node.js for a dependency than for the package", () => {
        const needs = ofUsers.filter(([, { engines: own }]) => !semver.subset(engines.node, own?.node ?? "*"));
        assert.deepEqual(paths(needs), []);
    });

    it("of a checkout has decided on every install script", () => {
        const names = paths(locked.filter(([, { hasInstallScript }]) => hasInstallScript)).map((path) =>
            path.replace(/^.*node_modules\//, ""),
        );
        assert.ok(names.includes("node"));
        assert.deepEqual(Object.keys(allowScripts), names.sort());
    });
});
