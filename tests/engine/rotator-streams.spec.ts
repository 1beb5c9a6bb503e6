import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { rotatorInterpreter } from "../../components/rotator-program";
import { parseIntent } from "../../formats/intent";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";

const rotator = require.resolve("aks-certificate-rotation/rotator");
const printRequests = join(__dirname, "..", "support", "print-requests.cjs");

const checkout = join(__dirname, "..", "..");
/** What starts the rotator in a Command, and what does with arguments of Node.js alone. */
const asCommand = rotatorInterpreter(checkout);
const withArguments = (...args: string[]) => [process.execPath, ...args, rotator];

describe("the streams of the rotator's process", function () {
    this.timeout(60_000);

    let aks: LocalAks;
    let folder: string;
    const running = new Set<ChildProcess>();

    before(async () => {
        aks = await startLocalAks({ rotationSeconds: 0.2 });
        await aks.addCluster({ resourceGroup: "group", name: "blue", backend: "light" });
        folder = mkdtempSync(join(tmpdir(), "rotator-streams-"));
    });
    afterEach(() => {
        for (const child of running) {
            child.kill("SIGKILL");
        }
    });
    after(async () => {
        rmSync(folder, { recursive: true, force: true });
        await aks?.close();
    });

    function start(environment: Record<string, string>, [, ...args]: string[]): ChildProcess {
        const child = spawn(process.execPath, [...args, "snapshot"], {
            cwd: checkout,
            env: {
                PATH: process.env.PATH,
                ...aks.environment,
                AKS_ROTATION_SUBSCRIPTION_ID: aks.subscriptionId,
                AKS_ROTATION_RESOURCE_GROUP: "group",
                AKS_ROTATION_CLUSTER: "blue",
                AKS_ROTATION_GENERATION: "1",
                AKS_ROTATION_CREDENTIALS: "user",
                AKS_ROTATION_VERIFY: "required",
                ...environment,
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
        running.add(child);
        child.once("close", () => running.delete(child));
        return child;
    }

    /** Takes an intent, and gives back what the process has printed until its end. */
    async function snapshot(environment: Record<string, string>, interpreter = withArguments()) {
        const child = start(environment, interpreter);
        const { stdout, stderr } = child;
        assert.ok(stdout && stderr);
        const [[code], out, err] = await Promise.all([once(child, "close"), text(stdout), text(stderr)]);
        const leaked = aks.issuedSecrets().find((secret) => `${out}${err}`.includes(secret));
        assert.equal(leaked, undefined, "a secret was printed");
        return { code: code as number | null, out, err };
    }

    const switches: Record<string, Record<string, string>> = {
        nothing: {},
        NODE_DEBUG: { NODE_DEBUG: "http,https,tls,net,http2,fetch,undici,stream" },
        NODE_DEBUG_NATIVE: { NODE_DEBUG_NATIVE: "tls,crypto" },
        "the SDK's and debug's own variables": {
            AZURE_LOG_LEVEL: "verbose",
            DEBUG: "*",
            TYPESPEC_RUNTIME_LOG_LEVEL: "verbose",
        },
        "a wrong AZURE_LOG_LEVEL": { AZURE_LOG_LEVEL: "loud" },
        warnings: { NODE_PENDING_DEPRECATION: "1", NODE_TLS_REJECT_UNAUTHORIZED: "0" },
        "--require": { NODE_OPTIONS: `--require "${printRequests}"` },
        "--import": { NODE_OPTIONS: `--import ${printRequests}` },
        "--trace-tls and others": {
            NODE_OPTIONS: "--trace-tls --trace-warnings --trace-exit",
        },
    };

    for (const [name, environment] of Object.entries(switches)) {
        it(`hold nothing but the result with ${name}`, async () => {
            const { code, out, err } = await snapshot(environment, asCommand);
            assert.equal(err, "");
            assert.equal(code, 0);
            assert.equal(out.split("\n").length, 2);
            assert.equal(parseIntent(out).generation, 1);
        });
    }

    for (const option of ["--inspect", "--inspect-brk", "--inspect-wait"]) {
        it(`are free of a debugger with ${option}, which nothing waits for`, async () => {
            const { code, err } = await snapshot({ NODE_OPTIONS: `${option}=127.0.0.1:0` }, asCommand);
            assert.deepEqual({ code, err }, { code: 0, err: "" });
        });
    }

    it("leave memory and CA options in force beside those that are left out", async () => {
        // So small that no answer's headers fit: the option is in force.
        const { code, err } = await snapshot({
            NODE_OPTIONS: `--require "${printRequests}" --max-http-header-size=20`,
        });
        assert.equal(code, 1);
        assert.match(err, /Header|Parse Error/i);
    });

    it("hold nothing of a hook either where the system cannot replace a process", async () => {
        const noExecve = join(folder, "no-execve.cjs");
        writeFileSync(noExecve, "process.execve = undefined;");
        const env = { NODE_OPTIONS: `--require "${printRequests}"`, NODE_DEBUG: "http" };
        const { code, out, err } = await snapshot(env, withArguments("--require", noExecve));
        assert.equal(err.replace(/^HTTP \d+: .*\n/gm, ""), "");
        assert.equal(code, 0);
        assert.equal(parseIntent(out).generation, 1);
    });

    it("are closed when the process that started the rotator in a child is killed", async () => {
        const noExecve = join(folder, "no-execve.cjs");
        writeFileSync(noExecve, "process.execve = undefined;");
        for (const signal of ["SIGKILL", "SIGTERM"] as const) {
            const held = aks.control.addFault({
                match: { kind: "getCluster" },
                action: { type: "hang", when: "before" },
                count: 0,
            });
            const child = start({ NODE_DEBUG: "x" }, withArguments("--require", noExecve));
            const closed = once(child, "close");
            await aks.control.struck(held);
            child.kill(signal);
            // The rotator has the same streams: they close when it has ended too.
            const [code] = await closed;
            assert.equal(code, signal === "SIGKILL" ? null : 130);
            aks.control.removeFault(held);
        }
    });

    it("hold no words of an error that nothing expects", async () => {
        const fault = join(folder, "fault.cjs");
        writeFileSync(fault, 'setTimeout(() => { throw new TypeError("quoting a secret"); }, 0);');
        const { code, out, err } = await snapshot({}, withArguments("--require", fault));
        assert.deepEqual({ code, out }, { code: 1, out: "" });
        assert.match(err, /^The rotator ended by an error in itself \(TypeError, fault\.cjs:1:\d+[^)]*\)\. /);
        assert.doesNotMatch(err, /quoting/);
        assert.equal(err.trim().split("\n").length, 1);
    });

    it("leave what the SDK logs to a file that is asked for, for its owner alone", async () => {
        const file = join(folder, "sdk.log");
        writeFileSync(file, "", { mode: 0o644 });
        const environment = { AKS_ROTATION_LOG_FILE: file, AZURE_LOG_LEVEL: "verbose" };
        const { code, err } = await snapshot(environment);
        assert.deepEqual({ code, err }, { code: 0, err: "" });
        assert.match(readFileSync(file, "utf8"), /azure:core-rest-pipeline/);
        assert.equal(statSync(file).mode & 0o777, 0o600);
        for (const wrong of ["/dev/stderr", "/does/not/exist", folder]) {
            const refused = await snapshot({ AKS_ROTATION_LOG_FILE: wrong });
            assert.equal(refused.code, 1);
            assert.match(refused.err, /^AKS_ROTATION_LOG_FILE is "[^"]*", but /);
        }
    });
});
