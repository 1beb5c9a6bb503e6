import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Stage } from "./stage";
import { type Spread, spread } from "./statistics";

/**
 * Bare Node.js, with a TCP connection; with an HTTPS request; the rotator, when it asks for the metadata of a cloud; when it
 * asks for a token, where Node.js has kept what it compiled, and where it has not.
 */
const steps = ["bare", "https", "metadata", "token", "tokenCold"] as const;
type Step = (typeof steps)[number];

/** What the rotator itself costs. */
export interface RotatorCost {
    /** Resident memory while it waits for a rotation, in MB. */
    residentMb: Spread;
    /** The same of bare Node.js that sends an HTTPS request each second: what no program that waits can go below. */
    bareResidentMb: Spread;
    /** What that is made of: each step of a start beside the one before, all in turn. */
    steps: Record<Step, Start>;
}

/** A process at its first connection. */
export interface Start {
    /** Since it was started, in milliseconds. */
    ms: Spread;
    /** Resident memory, in MB. */
    mb: Spread;
    /** Modules of Node.js itself that it has loaded. */
    modules: number;
}

const run = promisify(execFile);
const program = require.resolve("aks-certificate-rotation/rotator");
const compiled = join(dirname(program), "compiled");

/** This machine's own list of CAs would count as the rotator's: few set these. */
const { SSL_CERT_FILE: _file, SSL_CERT_DIR: _folder, ...surroundings } = process.env;

/** Measures start and memory of the rotator, as a Command starts it. */
export async function measureRotator(stage: Stage, runs: number): Promise<RotatorCost> {
    const samples = Object.fromEntries(steps.map((step) => [step, [] as Sample[]])) as Record<Step, Sample[]>;
    await run(process.execPath, [program, "snapshot"], { env: { ...surroundings, ...stage.settings() } });
    for (let i = 0; i < runs; i++) {
        for (const step of steps) {
            samples[step].push(await atConnection(step, stage));
        }
    }
    const modules = await countModules(stage);
    const start = (step: Step): Start => ({
        ms: spread(samples[step].map(({ ms }) => ms)),
        mb: spread(samples[step].map(({ mb }) => mb)),
        modules: modules[step],
    });
    const all = Object.fromEntries(steps.map((step) => [step, start(step)])) as Record<Step, Start>;
    return {
        ...(await resident(stage, runs)),
        steps: all,
    };
}

/** Arguments of Node.js for a step, and what the environment has beside, with a server at that port. */
function command(step: Step, port: number, stage: Stage): [args: string[], env: Record<string, string>] {
    switch (step) {
        case "bare":
            return [["-e", `require("net").connect(${port}, "127.0.0.1")`], {}];
        case "https":
            return [["-e", `require("https").request({ host: "127.0.0.1", port: ${port} }).end()`], stage.settings()];
        case "metadata":
            return [[program, "snapshot"], { ...stage.settings(), ARM_METADATA_HOSTNAME: `127.0.0.1:${port}` }];
        default: {
            // The public cloud's sign-in service cannot be stood in for by a server here, but the way to it can: by a proxy.
            const proxy = { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "", no_proxy: "" };
            return [[program, "snapshot"], { ...stage.settings(), ...proxy, ARM_METADATA_HOSTNAME: "" }];
        }
    }
}

interface Sample {
    ms: number;
    mb: number;
}

async function atConnection(step: Step, stage: Stage, preload: string[] = []): Promise<Sample & { said: string }> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const [args, env] = command(step, (server.address() as AddressInfo).port, stage);
    if (step === "tokenCold") {
        await rm(compiled, { recursive: true, force: true });
    }
    const began = performance.now();
    const child = spawn(process.execPath, [...preload, ...args], {
        env: { ...surroundings, ...env },
        stdio: ["ignore", "pipe", "ignore"],
    });
    const [socket] = await once(server, "connection");
    const ms = performance.now() - began;
    // Nobody answers, so it stays as it is.
    const mb = await residentOf(child);
    const said = text(child.stdout);
    // A rotator that is asked to end keeps what Node.js has compiled, one that is killed does not.
    child.kill(preload.length > 0 ? "SIGUSR2" : "SIGTERM");
    await once(child, "exit");
    socket.destroy();
    server.close();
    return { ms, mb, said: await said };
}

/** Loaded before a program: tells how many modules of Node.js itself there are, when it is asked to. */
const counter = `process.once("SIGUSR2", () => {
    const { length } = process.moduleLoadList.filter((name) => name.startsWith("NativeModule "));
    process.stdout.write(String(length), () => process.exit());
});`;

async function countModules(stage: Stage): Promise<Record<Step, number>> {
    const folder = await mkdtemp(join(tmpdir(), "bench-"));
    try {
        const preload = join(folder, "counter.cjs");
        await writeFile(preload, counter);
        const counts: [Step, number][] = [];
        for (const step of steps) {
            counts.push([step, Number((await atConnection(step, stage, ["--require", preload])).said)]);
        }
        return Object.fromEntries(counts) as Record<Step, number>;
    } finally {
        await rm(folder, { recursive: true });
    }
}

async function residentOf({ pid }: ChildProcess): Promise<number> {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout) / 1024;
}

/** Asks for the metadata of the cloud, each second. */
const asking = `setInterval(() => {
    require("https").get("https://" + process.env.ARM_METADATA_HOSTNAME + "/metadata/endpoints?api-version=2022-09-01", (answer) => answer.resume());
}, 1000);`;

async function resident(stage: Stage, runs: number): Promise<Pick<RotatorCost, "residentMb" | "bareResidentMb">> {
    const settings = { ...surroundings, ...stage.settings() };
    const rotator = async (command: string, env: NodeJS.ProcessEnv) =>
        (await run(process.execPath, [program, command], { env })).stdout.trim();
    const env = { ...settings, AKS_ROTATION_INTENT: await rotator("snapshot", settings) };
    const record = JSON.stringify({ ...JSON.parse(await rotator("adopt", env)), generation: 0 });
    const child = spawn(process.execPath, [program, "rotate"], {
        env: { ...env, PULUMI_COMMAND_STDOUT: record },
        stdio: ["ignore", "ignore", "pipe"],
    });
    const bare = spawn(process.execPath, ["-e", asking], { env: settings, stdio: "ignore" });
    await once(child.stderr, "data");
    const samples: number[] = [];
    const bareSamples: number[] = [];
    while (samples.length < runs && child.exitCode === null) {
        // Memory has no event to wait for: it is sampled, a second apart.
        await sleep(1000);
        samples.push(await residentOf(child));
        bareSamples.push(await residentOf(bare));
    }
    await Promise.all([end(child), end(bare)]);
    return { residentMb: spread(samples), bareResidentMb: spread(bareSamples) };
}

async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
    }
}
