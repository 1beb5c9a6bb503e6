import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
import { connections } from "../../azure/connections";
import { temporaryFolder } from "../../bench/temporary-folder";
import { staySmall } from "../../rotator/small";

const root = join(__dirname, "..", "..");

describe("a program that waits", () => {
    it("collects its garbage, though there is little of it", async () => {
        const garbage = new WeakRef({ of: "no use" });
        const timer = staySmall(50);
        try {
            for (let tries = 0; garbage.deref() !== undefined; tries++) {
                assert.ok(tries < 100, "it is still there");
                await sleep(50);
            }
            assert.ok(!timer.hasRef(), "it would keep the process alive");
        } finally {
            clearInterval(timer);
        }
    });
});

describe("a request to Azure", () => {
    it("asks for no answer that would have to be unpacked", async () => {
        const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
        await once(server.listen(0, "127.0.0.1"), "listening");
        try {
            const pipeline = createPipelineFromOptions({});
            pipeline.addPolicy(connections({}).policy);
            const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
            const request = createPipelineRequest({ url, allowInsecureConnection: true });
            const { bodyAsText } = await pipeline.sendRequest(createDefaultHttpClient(), request);
            const headers = JSON.parse(bodyAsText ?? "");
            assert.equal(headers["accept-encoding"], undefined);
            assert.match(headers["user-agent"], /core-rest-pipeline/);
        } finally {
            server.closeAllConnections();
            server.close();
        }
    });
});

const printLauncher = `
    import { launcher } from ${JSON.stringify(pathToFileURL(join(root, "toolchain", "launcher.mjs")).href)};
    process.stdout.write(launcher("./bundle.js", process.argv.slice(1)));`;

describe("a launcher", () => {
    const launch = async (...flags: string[]) => {
        const args = ["--input-type=module", "-e", printLauncher, "--", ...flags];
        using folder = await temporaryFolder(join(tmpdir(), "launcher-"));
        writeFileSync(join(folder.path, "launcher.js"), execFileSync(process.execPath, args));
        // Such a word is one of V8's only with the flag.
        writeFileSync(
            join(folder.path, "bundle.js"),
            `try { eval("%DebugPrint"); } catch (e) { console.log(e.message); }`,
        );
        return spawnSync(process.execPath, [join(folder.path, "launcher.js")], { encoding: "utf8" }).stdout;
    };

    it("sets flags of V8 before it starts a program, and none that it is not given", async () => {
        const [without, withIt] = [await launch(), await launch("--allow-natives-syntax")];
        assert.match(without, /Unexpected token/);
        assert.notEqual(withIt, without);
    });

    it("fails with a program that ends without a word, such as one of which nothing is there", async () => {
        using folder = await temporaryFolder(join(tmpdir(), "launcher-"));
        copyFileSync(join(root, "dist", "rotator.js"), join(folder.path, "rotator.js"));
        writeFileSync(join(folder.path, "rotator.bundle.js"), "");
        const { status, stdout } = spawnSync(process.execPath, [join(folder.path, "rotator.js"), "snapshot"]);
        assert.deepEqual([status, String(stdout)], [1, ""]);
    });

    it("keeps the rotator small by flags that this Node.js knows, and leaves the stand-in plugins alone", () => {
        const rotator = join(root, "dist", "rotator.js");
        const text = readFileSync(rotator, "utf8");
        for (const flag of ["--no-opt", "--no-maglev", "--no-sparkplug", "--semi-space-growth-factor=1"]) {
            assert.ok(text.includes(flag), flag);
        }
        // What Node.js keeps was compiled under certain flags, and is taken under the same alone.
        assert.ok(text.indexOf("setFlagsFromString") < text.indexOf("enableCompileCache"));
        const { status, stdout, stderr } = spawnSync(process.execPath, [rotator, "--help"], { encoding: "utf8" });
        assert.deepEqual([status, stderr], [0, ""]);
        assert.match(stdout, /rotator\.js rotate/);
        assert.ok(!readFileSync(join(root, "dist", "plugins", "command.js"), "utf8").includes("setFlags"));
    });

    it("of the rotator loads no module of Node.js that few runs need", () => {
        // Its standard error is its own: what anything else writes there goes nowhere.
        const list = `import { writeSync } from "node:fs";
            process.once("exit", () => writeSync(3, process.moduleLoadList.join("\\n")));`;
        const { output } = spawnSync(
            process.execPath,
            [
                "--import",
                `data:text/javascript,${encodeURIComponent(list)}`,
                join(root, "dist", "rotator.js"),
                "--help",
            ],
            { encoding: "utf8", stdio: ["ignore", "pipe", "pipe", "pipe"] },
        );
        const loaded = (output[3] ?? "").split("\n");
        assert.ok(loaded.includes("NativeModule https"));
        for (const unused of ["child_process", "worker_threads", "perf_hooks", "zlib", "http2"]) {
            assert.ok(!loaded.includes(`NativeModule ${unused}`), unused);
        }
    });
});
