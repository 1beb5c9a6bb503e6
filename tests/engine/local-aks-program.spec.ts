import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { getControlPlane } from "../../toolchain/kubernetes";
import { send } from "../unit/local-aks-clients";

const PROGRAM = join(__dirname, "../../rehearsal/local-aks/main.ts");

describe("npm run local-aks", function () {
    this.timeout(20 * 60_000);
    let program: ChildProcessByStdio<null, Readable, Readable> | undefined;

    before(() => getControlPlane((line) => console.error(`      ${line}`)));
    afterEach(() => program?.kill("SIGKILL"));

    function start(...args: string[]) {
        const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", PROGRAM, ...args], {
            stdio: ["ignore", "pipe", "pipe"],
        });
        program = child;
        return child;
    }

    /** Waits until it is ready; tells its address, its CA file and that of its cluster. */
    async function ready(child: ChildProcessByStdio<null, Readable, Readable>) {
        let text = "";
        for await (const line of createInterface({ input: child.stdout })) {
            text += `${line}\n`;
            if (line.startsWith("Ctrl-C ends it")) {
                break;
            }
        }
        const url = /ready at (\S+)/.exec(text)?.[1] ?? "";
        const caFile = /NODE_EXTRA_CA_CERTS='([^']+)'/.exec(text)?.[1] ?? "";
        const { body } = await send(`${url}/_control/clusters`, { rejectUnauthorized: false });
        const [cluster] = JSON.parse(body ?? "");
        return { url, caFile, server: cluster.server as string };
    }

    async function gone(server: string, caFile: string): Promise<void> {
        while (!(await send(server, {})).error?.includes("ECONNREFUSED") || existsSync(caFile)) {}
    }

    it("ends with all that it started on SIGTERM, as on Ctrl-C, and exits with 0", async () => {
        const child = start("--backend", "control-plane");
        const exited = once(child, "exit");
        const { url, caFile, server } = await ready(child);
        assert.match((await send(server, {})).error ?? "", /certificate/);
        child.kill("SIGTERM");
        assert.deepEqual(await exited, [0, null]);
        assert.match((await send(url, {})).error ?? "", /ECONNREFUSED/);
        assert.match((await send(server, {})).error ?? "", /ECONNREFUSED/);
        assert.ok(!existsSync(caFile));
    });

    it("leaves no process and no file when it is killed", async () => {
        const child = start("--backend", "control-plane");
        const exited = once(child, "exit");
        const { caFile, server } = await ready(child);
        child.kill("SIGKILL");
        await exited;
        await gone(server, caFile);
    });

    it("says what is wrong with its arguments", async () => {
        const child = start("--backend", "heavy");
        let said = "";
        child.stderr.on("data", (chunk: Buffer) => {
            said += chunk.toString();
        });
        assert.deepEqual(await once(child, "close"), [1, null]);
        assert.match(said, /^--backend is "heavy", but must be control-plane or light\.$/m);
    });
});
