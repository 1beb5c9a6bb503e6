import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { RequestEntry } from "../rehearsal/local-aks/local-aks";
import { until } from "../tests/support/processes";
import type { Stage } from "./stage";
import { type Spread, spread } from "./statistics";
import { temporaryFolder } from "./temporary-folder";

/**
 * Bare Node.js, with a TCP connection; with an HTTPS request; the rotator, when it asks for the metadata of a cloud; when it
 * asks for a token, where Node.js has kept what it compiled, and where it has not.
 */
const steps = ["bare", "https", "metadata", "token", "tokenCold"] as const;
type Step = (typeof steps)[number];

/** What the rotator itself costs. */
export interface RotatorCost {
    /** So many looks at its cluster it had had when its memory was looked at. */
    looks: number;
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
        looks: looksMade,
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
        stdio: ["ignore", "pipe", "pipe"],
    });
    const complaint = text(child.stderr);
    const ended = once(child, "exit");
    const unconnected = ended.then(async ([code]) => {
        throw new Error(`A process of the step ${step} ended (${code}) without a connection: ${await complaint}`);
    });
    unconnected.catch(() => undefined);
    try {
        const [socket] = await Promise.race([once(server, "connection"), unconnected]);
        const ms = performance.now() - began;
        // Nobody answers, so it stays as it is.
        const mb = await residentOf(child);
        const said = text(child.stdout);
        // A rotator that is asked to end keeps what Node.js has compiled, one that is killed does not.
        child.kill(preload.length > 0 ? "SIGUSR2" : "SIGTERM");
        await ended;
        (socket as Socket).destroy();
        return { ms, mb, said: await said };
    } finally {
        child.kill("SIGKILL");
        server.close();
    }
}

/** Loaded before a program: tells how many modules of Node.js itself there are, when it is asked to. */
const counter = `process.once("SIGUSR2", () => {
    const { length } = process.moduleLoadList.filter((name) => name.startsWith("NativeModule "));
    process.stdout.write(String(length), () => process.exit());
});`;

async function countModules(stage: Stage): Promise<Record<Step, number>> {
    using folder = await temporaryFolder(join(tmpdir(), "bench-"));
    const preload = join(folder.path, "counter.cjs");
    await writeFile(preload, counter);
    const counts: [Step, number][] = [];
    for (const step of steps) {
        const { said } = await atConnection(step, stage, ["--require", preload]);
        if (!/^\d+$/.test(said)) {
            throw new Error(`A process of the step ${step} did not tell its modules, but: "${said}".`);
        }
        counts.push([step, Number(said)]);
    }
    return Object.fromEntries(counts) as Record<Step, number>;
}

async function residentOf({ pid }: ChildProcess): Promise<number> {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout) / 1024;
}

/** Asks for the metadata of the cloud, each second. */
const asking = `setInterval(() => {
    require("https").get("https://" + process.env.ARM_METADATA_HOSTNAME + "/metadata/endpoints?api-version=2022-09-01", (answer) => answer.resume());
}, 1000);`;

/** So many looks at its cluster a rotator has had before it is looked at: what it leaves with each must not pile up. */
const looksMade = 30;

async function resident(stage: Stage, runs: number): Promise<Pick<RotatorCost, "residentMb" | "bareResidentMb">> {
    const samples: [rotator: number, bare: number][] = [];
    for (let run = 0; run < runs; run++) {
        samples.push(await residentOnce(stage));
    }
    return { residentMb: spread(samples.map(([mb]) => mb)), bareResidentMb: spread(samples.map(([, mb]) => mb)) };
}

/** Memory of a rotator that waits for a rotation, and beside it that of bare Node.js. */
async function residentOnce(stage: Stage): Promise<[rotator: number, bare: number]> {
    const { control, cluster } = stage;
    const ref = { resourceGroup: cluster.resourceGroupName, name: cluster.clusterName };
    const settings = { ...surroundings, ...stage.settings() };
    const rotator = async (command: string, env: NodeJS.ProcessEnv) =>
        (await run(process.execPath, [program, command], { env })).stdout.trim();
    const env = { ...settings, AKS_ROTATION_INTENT: await rotator("snapshot", settings) };
    const record = JSON.stringify({ ...JSON.parse(await rotator("adopt", env)), generation: 0 });
    // Longer than it takes, and ended when it has been seen.
    control.set(ref, { rotationSeconds: 120, retryAfterSeconds: undefined });
    control.clearRequests();
    const child = spawn(process.execPath, [program, "rotate"], {
        env: { ...env, PULUMI_COMMAND_STDOUT: record },
        stdio: "ignore",
    });
    const bare = spawn(process.execPath, ["-e", asking], { env: settings, stdio: "ignore" });
    try {
        const count = (kind: RequestEntry["kind"]) =>
            control.requests().filter((request) => request.kind === kind).length;
        await until("a rotator that waits", () => count("getCluster") > looksMade);
        await until("bare Node.js that asks", () => count("metadata") > looksMade / 3);
        return await Promise.all([residentOf(child), residentOf(bare)]);
    } finally {
        child.kill("SIGKILL");
        bare.kill("SIGKILL");
        // There is none where the rotator failed; and that is the error to tell then.
        await control.endOperation(ref, "Succeeded").catch(() => undefined);
    }
}
