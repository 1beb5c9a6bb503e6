import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Stage } from "./stage";
import { type Spread, spread } from "./statistics";

/** What the rotator itself costs. */
export interface RotatorCost {
    /** From the start of its process to its first connection, in milliseconds. */
    firstRequestMs: Spread;
    /** Of the same process of bare Node.js, from its start to a connection: what no program can go below. */
    bareNodeMs: Spread;
    /** Resident memory while it waits for a rotation, in MB. */
    residentMb: Spread;
}

const run = promisify(execFile);
const program = require.resolve("aks-certificate-rotation/rotator");

/** Measures start and memory of the rotator, as a Command starts it. */
export async function measureRotator(stage: Stage, runs: number): Promise<RotatorCost> {
    const firstRequest: number[] = [];
    const bare: number[] = [];
    for (let run = 0; run < runs; run++) {
        firstRequest.push(
            await untilConnection((port) => [
                [program, "snapshot"],
                { ...stage.settings(), ARM_METADATA_HOSTNAME: `127.0.0.1:${port}` },
            ]),
        );
        bare.push(await untilConnection((port) => [["-e", `require("net").connect(${port}, "127.0.0.1")`], {}]));
    }
    return { firstRequestMs: spread(firstRequest), bareNodeMs: spread(bare), residentMb: await resident(stage, runs) };
}

async function untilConnection(
    command: (port: number) => [args: string[], env: Record<string, string>],
): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const [args, env] = command((server.address() as AddressInfo).port);
    const began = performance.now();
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: "ignore" });
    const [socket] = await once(server, "connection");
    const ms = performance.now() - began;
    socket.destroy();
    await end(child);
    server.close();
    return ms;
}

async function resident(stage: Stage, runs: number): Promise<Spread> {
    const settings = { ...process.env, ...stage.settings() };
    const rotator = async (command: string, env: NodeJS.ProcessEnv) =>
        (await run(process.execPath, [program, command], { env })).stdout.trim();
    const env = { ...settings, AKS_ROTATION_INTENT: await rotator("snapshot", settings) };
    const record = JSON.stringify({ ...JSON.parse(await rotator("adopt", env)), generation: 0 });
    const child = spawn(process.execPath, [program, "rotate"], {
        env: { ...env, PULUMI_COMMAND_STDOUT: record },
        stdio: ["ignore", "ignore", "pipe"],
    });
    await once(child.stderr, "data");
    const samples: number[] = [];
    while (samples.length < runs && child.exitCode === null) {
        // Memory has no event to wait for: it is sampled, a second apart.
        await sleep(1000);
        const { stdout } = await run("ps", ["-o", "rss=", "-p", String(child.pid)]);
        samples.push(Number(stdout) / 1024);
    }
    await end(child);
    return spread(samples);
}

async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
    }
}
