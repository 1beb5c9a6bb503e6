import assert from "node:assert/strict";
import { access, chmod, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { choosePlugins, type Mode, type Plugin } from "../../rehearsal/plugins/choose";
import { versions } from "../../rehearsal/plugins/versions";

describe("choice of plugins", function () {
    this.timeout(20_000);
    let folder: string;
    const { PATH, REHEARSAL_PLUGINS } = process.env;

    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "choose-"));
        delete process.env.REHEARSAL_PLUGINS;
    });
    afterEach(async () => {
        process.env.PATH = PATH;
        if (REHEARSAL_PLUGINS === undefined) {
            delete process.env.REHEARSAL_PLUGINS;
        } else {
            process.env.REHEARSAL_PLUGINS = REHEARSAL_PLUGINS;
        }
        await rm(folder, { recursive: true });
    });

    async function executable(name: string, text: string): Promise<string> {
        const file = join(folder, name);
        await writeFile(file, `#!/bin/sh\n${text}\n`);
        await chmod(file, 0o755);
        return file;
    }

    /** Chooses with a pulumi that has these plugins, and cannot install any. */
    async function choose(installed: object[], mode?: Mode): Promise<Record<string, Plugin>> {
        const list = join(folder, "list.json");
        await writeFile(list, JSON.stringify(installed));
        const script = `case "$2" in ls) cat "${list}";; *) echo "error: no way out" >&2; exit 1;; esac`;
        const path = await executable("pulumi", script);
        const lines: string[] = [];
        const chosen = await choosePlugins({
            pulumi: { name: "pulumi", version: "3.259.0", path, source: "PATH" },
            mode,
            progress: (line) => lines.push(line),
        });
        for (const { name, official } of chosen) {
            assert.ok(lines.some((line) => line.includes(name) && line.includes(official ? "official" : "stand-in")));
        }
        return Object.fromEntries(chosen.map((plugin) => [plugin.name, plugin]));
    }

    const command = { name: "command", kind: "resource", version: versions.command };

    it("takes stand-ins where nothing is installed, each with an executable", async () => {
        const chosen = await choose([
            { ...command, version: "0.9.0" },
            { ...command, kind: "language" },
        ]);
        assert.deepEqual(Object.keys(chosen), ["kubernetes", "command", "azure-native"]);
        for (const { name, official, version, folder: standIn } of Object.values(chosen)) {
            assert.deepEqual([official, version], [false, versions[name]]);
            await access(join(standIn ?? "", `pulumi-resource-${name}`), constants.X_OK);
        }
    });

    it("takes the official ones that are installed in the SDK's version, or are on PATH", async () => {
        await executable("pulumi-resource-kubernetes", "");
        process.env.PATH = `${folder}${delimiter}${PATH}`;
        const chosen = await choose([command, { ...command, name: "azure-native", version: versions["azure-native"] }]);
        assert.deepEqual(chosen.command, { name: "command", version: versions.command, official: true });
        assert.deepEqual([chosen.kubernetes?.official, chosen.kubernetes?.folder], [true, undefined]);
        assert.equal(chosen["azure-native"]?.official, false);
    });

    it("avoids them on demand", async () => {
        process.env.REHEARSAL_PLUGINS = "stand-in";
        assert.equal((await choose([command])).command?.official, false);
        assert.equal((await choose([command], "stand-in")).command?.official, false);
    });

    it("says what is missing where they are insisted on, but cannot be had", async () => {
        process.env.REHEARSAL_PLUGINS = "official";
        await assert.rejects(
            choose([command]),
            /official plugin kubernetes .* could not be installed: error: no way out\. Install/,
        );
    });

    it("refuses another word", async () => {
        process.env.REHEARSAL_PLUGINS = "real";
        await assert.rejects(choose([]), /REHEARSAL_PLUGINS is "real"/);
    });
});
