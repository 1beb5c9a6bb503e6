import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { azEnvironment } from "../../rehearsal/local-aks/az";
import { instructions } from "../../rehearsal/local-aks/instructions";
import { type LocalAks, startLocalAks } from "../../rehearsal/local-aks/local-aks";
import { getAzureCli } from "../../toolchain/azure-cli";

const run = promisify(execFile);

/** Longest that one command may take, in milliseconds. */
const LIMIT = 120_000;

/** How a command of a user ended. */
export interface Ended {
    exitCode: number;
    stdout: string;
    stderr: string;
}

/** A local AKS with one real cluster, and a user in a folder of its own who has az and nothing else of Azure. */
export class AzScene implements AsyncDisposable {
    readonly ref = { resourceGroup: "group", name: "blue" };

    private constructor(
        readonly aks: LocalAks,
        /** Where the user works. */
        readonly folder: string,
        private readonly environment: NodeJS.ProcessEnv,
    ) {}

    /** Sets a scene; its end takes everything down. */
    static async open(): Promise<AzScene> {
        const { path } = await getAzureCli(console.log);
        const folder = await mkdtemp(join(tmpdir(), "az-user-"));
        const aks = await startLocalAks({ rotationSeconds: 1, progress: console.log });
        const inherited = Object.entries(process.env).filter(([name]) => !/^(ARM|AZURE|KUBE)/.test(name));
        const scene = new AzScene(aks, folder, {
            ...Object.fromEntries(inherited),
            PATH: [dirname(path), process.env.PATH].join(delimiter),
            HOME: folder,
            NO_PROXY: "127.0.0.1",
        });
        try {
            await aks.addCluster({
                ...scene.ref,
                backend: "control-plane",
                // Without it az looks at a rotation every 30 s only.
                settings: { retryAfterSeconds: 1 },
            });
            return scene;
        } catch (error) {
            await scene[Symbol.asyncDispose]();
            throw error;
        }
    }

    /** The lines that `npm run local-aks` prints for az, from the variables to the sign-in. */
    get signInLines(): string[] {
        const lines = instructions(this.aks, this.ref).split("\n");
        const isVariable = (line: string) => line.trim().startsWith("export ");
        const from = lines.findIndex((line) => line.includes("export AZURE_CONFIG_DIR"));
        const to = lines.findIndex((line) => line.includes("az login"));
        return [...lines.slice(0, from).filter(isVariable), ...lines.slice(from, to + 1)];
    }

    /** Runs lines of a shell as the user types them; the first that fails ends them. */
    shell(...lines: string[]): Promise<Ended> {
        return this.run("sh", ["-euc", lines.join("\n")], {});
    }

    /** Runs az, with the variables that point it at the local AKS. */
    az(...args: string[]): Promise<Ended> {
        return this.run("az", args, azEnvironment(this.aks));
    }

    /** Runs a command of this package, which az signs in. */
    command(...args: string[]): Promise<Ended> {
        const { ARM_METADATA_HOSTNAME = "", SSL_CERT_FILE = "" } = this.aks.environment;
        const program = join(__dirname, "..", "..", "dist", "cli.js");
        const variables = { ...azEnvironment(this.aks), ARM_METADATA_HOSTNAME, SSL_CERT_FILE };
        return this.run(process.execPath, [program, ...args], variables);
    }

    /** Runs kubectl. */
    kubectl(...args: string[]): Promise<Ended> {
        return this.run("kubectl", args, {});
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.aks.close();
        await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    }

    private async run(program: string, args: string[], variables: Record<string, string>): Promise<Ended> {
        const options = { cwd: this.folder, env: { ...this.environment, ...variables }, timeout: LIMIT };
        try {
            return { exitCode: 0, ...(await run(program, args, options)) };
        } catch (error) {
            const { code, stdout, stderr } = error as { code?: unknown; stdout: string; stderr: string };
            if (typeof code !== "number") {
                throw error;
            }
            return { exitCode: code, stdout, stderr };
        }
    }
}
