import assert from "node:assert/strict";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { AZURE_CLI, getAzureCliIn } from "../../toolchain/azure-cli";
import { runChild } from "../../toolchain/child";
import { MissingToolsError } from "../../toolchain/missing-tools";
import { PipNews } from "../../toolchain/pip-news";
import type { Surroundings } from "../../toolchain/surroundings";
import { contents, emptySurroundings, install, temporaryFolder } from "./toolchain-fakes";

const VERSION = `{ "azure-cli": "${AZURE_CLI.version}", "azure-cli-core": "1.0.0" }`;

/** A Python whose virtual environments have an azure.cli that prints its version, and where it was started from. */
function fakePython({ asked = "echo 3.11", pip = "echo Collecting azure-cli==2", version = VERSION } = {}): string {
    const inside = `#!/bin/sh
case "$*" in
*" pip install "*) echo "$*" >> "$(dirname "$0")/pip"; env >> "$(dirname "$0")/pip"; ${pip} ;;
"-I -m azure.cli version "*) echo '${version}' ;;
*) echo "$*"; pwd ;;
esac
`;
    return `#!/bin/sh
case "$*" in
"-m venv "*) mkdir -p "$3/bin"; cat > "$3/bin/python" <<'END'
${inside}END
chmod +x "$3/bin/python" ;;
*) ${asked} ;;
esac
`;
}

describe("toolchain: the Azure CLI", () => {
    let folder: string;
    let bin: string;
    let dispose: () => Promise<void>;

    beforeEach(async () => {
        ({ folder, dispose } = await temporaryFolder());
        bin = path.join(folder, "bin");
        await mkdir(bin);
    });
    afterEach(() => dispose());

    const surroundings = (changes: Partial<Surroundings> = {}) =>
        emptySurroundings(folder, {
            environment: { PATH: [bin, "/usr/bin", "/bin"].join(path.delimiter) },
            ...changes,
        });

    async function putPython(options: Parameters<typeof fakePython>[0] = {}, name = "python3"): Promise<void> {
        await writeFile(path.join(bin, name), fakePython(options));
        await chmod(path.join(bin, name), 0o755);
    }

    /** The text of the error with which it cannot be had. */
    async function refusal(changes: Partial<Surroundings> = {}): Promise<string> {
        const error = await getAzureCliIn(surroundings(changes)).then(
            () => assert.fail("it was had"),
            (thrown: Error) => thrown,
        );
        assert.ok(error instanceof MissingToolsError, error.stack);
        return error.message;
    }

    it("is the one on PATH where that is new enough, asked without telemetry and away from the user's settings", async () => {
        const file = await install(bin, "az", VERSION);
        await writeFile(
            file,
            `#!/bin/sh\necho "$AZURE_CONFIG_DIR $AZURE_CORE_COLLECT_TELEMETRY" > ${bin}/asked\necho '${VERSION}'\n`,
        );
        assert.deepEqual(await getAzureCliIn(surroundings()), {
            name: "az",
            version: AZURE_CLI.version,
            path: file,
            source: "PATH",
        });
        const { stdout } = await runChild("cat", [path.join(bin, "asked")]);
        const [configuration = "", telemetry] = stdout.trim().split(" ");
        assert.equal(telemetry, "false");
        assert.match(path.basename(configuration), /^az-/);
        assert.deepEqual(await contents(configuration), [], "its folder is gone");
    });

    it("is installed once where there is none that is new enough, in a folder that can be moved", async () => {
        await install(bin, "az", '{ "azure-cli": "2.60.0" }');
        await putPython();
        const around = surroundings();
        const first = await getAzureCliIn(around);
        assert.equal(first.source, "download");
        assert.match(
            around.news[0] ?? "",
            /^az: not using the one from PATH: .* is 2\.60\.0, needed is 2\.91\.0 or later$/,
        );
        assert.equal((await getAzureCliIn(surroundings())).source, "cache");
        assert.deepEqual(await contents(around.cacheFolder), ["az-2.91.0-linux-x64"]);
        const moved = path.join(folder, "moved");
        await rename(path.join(around.cacheFolder, "az-2.91.0-linux-x64"), moved);
        const { stdout } = await runChild(path.join(moved, "bin", "az"), ["aks", "two words"], { cwd: bin });
        assert.equal(stdout, `-I -m azure.cli aks two words\n${bin}\n`);
    });

    it("is installed at the versions that are written down, whatever pip's settings would do with the place", async () => {
        await putPython();
        const environment = {
            PATH: [bin, "/usr/bin", "/bin"].join(path.delimiter),
            PIP_TARGET: "/elsewhere",
            PIP_USER: "1",
        };
        const { path: file } = await getAzureCliIn(surroundings({ environment }));
        const { stdout } = await runChild("cat", [path.join(file, "../../environment/bin/pip")]);
        const [asked = "", ...variables] = stdout.split("\n");
        const [, constraints = ""] = / --constraint (\S+) azure-cli==2\.91\.0$/.exec(asked) ?? [];
        const { stdout: versions } = await runChild("cat", [constraints]);
        assert.match(versions, /^azure-cli==2\.91\.0$/m);
        assert.ok(
            versions
                .trim()
                .split("\n")
                .every((line) => /^[\w.-]+==[\w.]+$/.test(line)),
        );
        assert.ok(!variables.some((line) => line.startsWith("PIP_")), asked);
    });

    it("leaves nothing behind when pip fails, and tells what it said", async () => {
        await putPython({ pip: "echo 'ERROR: no matching distribution' >&2; exit 1" });
        const message = await refusal();
        assert.match(message, /pip install failed \(exit code 1\): ERROR: no matching distribution$/m);
        assert.match(message, /Install az, 2\.91\.0 or later, and put it on PATH: https/);
        assert.doesNotMatch(message, /Install Go/);
        assert.deepEqual(await contents(path.join(folder, "cache")), []);
    });

    it("is not kept where it is another version than was asked for", async () => {
        await putPython({ version: '{ "azure-cli": "2.92.0" }' });
        assert.match(await refusal(), /what it made calls itself 2\.92\.0, not 2\.91\.0/);
        assert.deepEqual(await contents(path.join(folder, "cache")), []);
    });

    it("says what is missing where there is no Python, an old one, or one without venv", async () => {
        const environment = { PATH: bin };
        assert.match(await refusal({ environment }), /no python3 on PATH; needed is Python 3\.10 or later with venv/);
        await putPython({ asked: "echo 3.9" });
        assert.match(await refusal(), /python3 is Python 3\.9; needed is Python 3\.10 or later/);
        await putPython({ asked: "echo \"No module named 'ensurepip'\" >&2; exit 1" });
        assert.match(await refusal(), /python3 cannot make one: No module named 'ensurepip'; .*python3-venv/);
    });

    it("takes a python that is new enough where python3 is not", async () => {
        await putPython({ asked: "echo 3.9" });
        await putPython({ asked: "echo 3.13" }, "python");
        assert.equal((await getAzureCliIn(surroundings())).source, "download");
    });

    it("is not installed on Windows, and that is said", async () => {
        await putPython();
        const platform = { os: "win32", arch: "x64" } as const;
        assert.match(await refusal({ platform }), /installed for you on Linux and macOS only/);
    });
});

describe("toolchain: the news of pip", () => {
    it("are the packages found, each once, then how many are installed", () => {
        const news = new PipNews();
        for (const line of ["Collecting a==1 (from b)", "  Downloading a.whl", "Collecting a", "Collecting c.d-e<2"]) {
            news.add(line);
        }
        assert.equal(news.summary(), "found 2 packages");
        news.add("Installing collected packages: a, c.d-e, b");
        assert.equal(news.summary(), "installing 3 packages");
    });
});
