import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
    GetRequiredPackagesRequest,
    InstallDependenciesRequest,
    type InstallDependenciesResponse,
    ProgramInfo,
    RunRequest,
    type RunResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { standInFolder } from "../../rehearsal/plugins/stand-in";
import { anyRuns, processes, until } from "../support/processes";

const NAME = "pulumi-language-nodejs";

/** An address at which nothing listens: the hosts connect to an engine only when they need it. */
const ENGINE = "127.0.0.1:9";

type Host = ChildProcessByStdio<null, Readable, Readable>;
type Method<Request, Response> = (
    request: Request,
    callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** Behaves as `cmd/run` as far as the host sees it: keeps how it was started, and ends as its argument says. */
const RUN = `
const { writeFileSync } = require("node:fs");
const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT } = process.env;
const started = { args: process.argv.slice(2), execArgv: process.execArgv };
writeFileSync(__dirname + "/started.json", JSON.stringify({ ...started, PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT }));
const end = process.argv.at(-1);
if (end === "wait") setInterval(() => {}, 1000);
else if (end === "signal") process.kill(process.pid, "SIGKILL");
else process.exitCode = Number(end);
`;

/** The small one, and beside it the official one where it is on PATH: both have to pass. */
const hosts = [
    undefined,
    ...(process.env.PATH ?? "")
        .split(delimiter)
        .map((place) => join(place, NAME))
        .filter((file) => existsSync(file)),
];

for (const official of hosts) {
    describe(`the ${official ? "official" : "small"} language host`, function () {
        this.timeout(60_000);
        let folder = "";
        let path = "";
        let host: Host | undefined;
        let client: LanguageRuntimeClient | undefined;

        before(async () => {
            path = official ?? join(await standInFolder("language-nodejs", NAME), NAME);
        });
        beforeEach(() => {
            folder = mkdtempSync(join(tmpdir(), "language-host-"));
            writeFileSync(join(folder, "run.js"), RUN);
        });
        afterEach(() => {
            client?.close();
            host?.kill("SIGKILL");
            rmSync(folder, { recursive: true, force: true });
        });

        function start(args: string[], env: Record<string, string> = {}): Host {
            host = spawn(path, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
            return host;
        }

        /** Starts it, and connects to the port that it prints. */
        async function connect(env?: Record<string, string>): Promise<LanguageRuntimeClient> {
            const { stdout } = start([ENGINE], env);
            const [port] = await once(createInterface({ input: stdout }), "line");
            client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
            return client;
        }

        const call = <Request, Response>(method: Method<Request, Response>, request: Request) =>
            new Promise<Response>((resolve, reject) =>
                method.call(client, request, (error, response) => (error ? reject(error) : resolve(response))),
            );

        function request(end: string, options: Record<string, JavaScriptValue> = {}): RunRequest {
            const info = new ProgramInfo()
                .setRootDirectory(folder)
                .setProgramDirectory(folder)
                .setEntryPoint("index.ts")
                .setOptions(Struct.fromJavaScript(options));
            const run = new RunRequest().setProject("p").setStack("s").setOrganization("o").setInfo(info);
            run.getConfigMap().set("p:key", "value");
            return run
                .setMonitorAddress(ENGINE)
                .setParallel(4)
                .setDryrun(true)
                .setConfigsecretkeysList(["p:key"])
                .setArgsList([end]);
        }
        const run = async (end: string, options?: Record<string, JavaScriptValue>) => {
            const { run } = await connect({ PULUMI_LANGUAGE_NODEJS_RUN_PATH: "./run.js" });
            const response: RunResponse = await call(run as Method<RunRequest, RunResponse>, request(end, options));
            return response.toObject();
        };
        const started = () => JSON.parse(readFileSync(join(folder, "started.json"), "utf8"));

        it("prints its port, has a version, and knows no other arguments", async () => {
            const { getPluginInfo } = await connect();
            const info = await call(getPluginInfo as Method<Empty, { getVersion(): string }>, new Empty());
            assert.match(info.getVersion(), /^v\d+\.\d+\.\d+/);
            host?.kill("SIGKILL");
            const refused = start(["-root", "x", ENGINE]);
            assert.deepEqual(await once(refused, "exit"), [2, null]);
        });

        it("runs the SDK's cmd/run with what the engine asks for", async () => {
            assert.deepEqual(await run("0", { nodeargs: "--no-deprecation" }), { error: "", bail: false });
            const { args, ...rest } = started();
            const value = (flag: string) => args[args.indexOf(`--${flag}`) + 1];
            for (const [flag, expected] of Object.entries({
                engine: ENGINE,
                organization: "o",
                project: "p",
                stack: "s",
                pwd: folder,
                "root-directory": folder,
                parallel: "4",
            })) {
                assert.equal(value(flag), expected, flag);
            }
            assert.ok(args.includes("--dry-run") && /^127\.0\.0\.1:\d+$/.test(value("monitor")));
            assert.deepEqual(args.slice(-2), ["index.ts", "0"]);
            assert.deepEqual(rest, {
                execArgv: ["--no-deprecation"],
                PULUMI_CONFIG: '{"p:config:key":"value"}',
                PULUMI_CONFIG_SECRET_KEYS: '["p:key"]',
                PULUMI_NODEJS_TYPESCRIPT: "true",
            });
        });

        for (const [end, expected] of [
            ["32", { error: "", bail: true }],
            ["1", { error: "Program exited with non-zero exit code: 1", bail: false }],
            ["signal", { error: "Program exited with non-zero exit code: -1", bail: false }],
        ] as const) {
            it(`reports how a program ended: ${end}`, async () => {
                assert.deepEqual(await run(end), expected);
            });
        }

        it("reports a wrong option, and a program without the SDK, instead of running it", async () => {
            assert.deepEqual(await run("0", { typescript: "yes" }), {
                error: "typescript option must be a boolean",
                bail: false,
            });
            host?.kill("SIGKILL");
            const { run: method } = await connect();
            const { error } = (
                await call<RunRequest, RunResponse>(method as Method<RunRequest, RunResponse>, request("0"))
            ).toObject();
            assert.equal(
                error.trim(),
                "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?",
            );
        });

        it("interrupts the program when the engine cancels", async () => {
            const ended = run("wait");
            await until("the program runs", () => {
                try {
                    return started() !== undefined;
                } catch {
                    return false;
                }
            });
            const { cancel } = client as LanguageRuntimeClient;
            await call(cancel as Method<Empty, Empty>, new Empty());
            assert.deepEqual(await ended, { error: "Program exited with non-zero exit code: -1", bail: false });
        });

        // The official one asks every five minutes whether its engine is there.
        (official ? () => {} : it)("ends when its engine is killed", async () => {
            // The shell is the engine here: the host is its child.
            const engine = spawn("sh", ["-c", `'${path}' ${ENGINE} & wait`], { stdio: ["ignore", "pipe", "ignore"] });
            await once(createInterface({ input: engine.stdout }), "line");
            const children = processes().filter(({ parent }) => parent === engine.pid);
            assert.equal(children.length, 1);
            engine.kill("SIGKILL");
            await until("the host has ended", () => !anyRuns(children.map(({ pid }) => pid)));
        });

        it("finds the plugins of this checkout", async () => {
            const { getRequiredPackages } = await connect();
            const info = new ProgramInfo().setProgramDirectory(join(__dirname, "..", "..")).setEntryPoint("index.ts");
            const { packagesList } = (
                await call(
                    getRequiredPackages as Method<
                        GetRequiredPackagesRequest,
                        { toObject(): { packagesList: { name: string; version: string }[] } }
                    >,
                    new GetRequiredPackagesRequest().setInfo(info),
                )
            ).toObject();
            const versionOf = (name: string) =>
                JSON.parse(readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8")).version;
            assert.deepEqual(
                packagesList.map(({ name, version }) => `${name} ${version}`).sort(),
                ["azure-native", "command", "kubernetes"].map((name) => `${name} v${versionOf(name)}`),
            );
        });

        it("installs dependencies, and reports that npm has failed", async () => {
            const host = await connect();
            const install = async () => {
                const info = new ProgramInfo().setProgramDirectory(folder).setRootDirectory(folder).setEntryPoint(".");
                let text = "";
                const call = host.installDependencies(new InstallDependenciesRequest().setInfo(info));
                for await (const chunk of call as AsyncIterable<InstallDependenciesResponse>) {
                    text += Buffer.from(chunk.getStdout_asU8()).toString();
                }
                return text;
            };
            const put = (content: object) => writeFileSync(join(folder, "package.json"), JSON.stringify(content));
            put({ name: "p" });
            await assert.rejects(install(), /npm install reported success, but node_modules directory is missing/);
            mkdirSync(join(folder, "dependency"));
            writeFileSync(join(folder, "dependency", "package.json"), '{ "name": "d", "version": "1.0.0" }');
            put({ name: "p", dependencies: { d: "file:dependency" } });
            const text = await install();
            assert.ok(text.startsWith("Installing dependencies...\n\n"), text);
            assert.ok(text.endsWith("Finished installing dependencies\n\n"), text);
            put({ name: "p", scripts: { preinstall: "exit 3" } });
            await assert.rejects(install(), /exit status 3/);
        });
    });
}
