import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Tool } from "../toolchain/tool";
import { makeWorkload } from "./cluster-access";
import type { Contender, Ending } from "./contender";
import { settings } from "./programs/ten";

/** AKS's how-to as a shell script: az, az, kubectl. */
export function script(az: Tool | undefined, kubectl: string | undefined): Contender {
    const missing = [...(az ? [] : ["the Azure CLI could not be had"]), ...(kubectl ? [] : ["no kubectl on PATH"])];
    return {
        name: "az and kubectl in a script",
        word: "script",
        missing: missing.join(", ") || undefined,
        async open(stage, ref) {
            const folder = await mkdtemp(join(tmpdir(), "bench-script-"));
            const cluster = `--resource-group ${ref.resourceGroup} --name ${ref.name}`;
            const getCredentials = `az aks get-credentials ${cluster} --file kubeconfig --overwrite-existing`;
            const namespace = `script-${Date.now()}`;
            let running: ChildProcess | undefined;
            // A group of its own, so that az ends with the shell.
            const end = () => running?.pid !== undefined && process.kill(-running.pid, "SIGKILL");
            process.once("exit", end);
            const run = async (...lines: string[]): Promise<Ending> => {
                const child = spawn("sh", ["-euc", lines.join("\n")], {
                    cwd: folder,
                    env: { ...process.env, ...stage.azEnvironment },
                    stdio: ["ignore", "ignore", "pipe"],
                    detached: true,
                });
                running = child;
                const [said, [code, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
                running = undefined;
                return { replaced: undefined, failed: complaint(said, code, signal) };
            };
            const dispose = async () => {
                process.off("exit", end);
                end();
                await rm(folder, { recursive: true, force: true });
            };
            try {
                const { failed } = await run(getCredentials);
                if (failed !== undefined) {
                    throw new Error(`The script could not be set up: ${failed}`);
                }
                await makeWorkload(stage.control.kubeconfig(ref, "admin"), namespace);
            } catch (error) {
                await dispose();
                throw error;
            }
            return {
                namespace,
                rotate: (mark) =>
                    run(
                        `az aks rotate-certs ${cluster} --yes`,
                        getCredentials,
                        `kubectl --kubeconfig kubeconfig --namespace ${namespace} label configmap ${settings} ` +
                            `mark=${mark} --overwrite`,
                    ),
                pid: () => running?.pid,
                unlock: async () => [],
                [Symbol.asyncDispose]: dispose,
            };
        },
    };
}

/** Why a shell has failed, in the words of what it ran; undefined if it did not. */
export function complaint(said: string, code: number | null, signal: NodeJS.Signals | null): string | undefined {
    if (code === 0) {
        return undefined;
    }
    const lines = said.split("\n").filter((line) => line.trim() !== "");
    const words = lines.find((line) => /^ERROR|error:|refused|unable/i.test(line)) ?? lines.at(-1) ?? "";
    return `${signal === null ? `exit code ${code}` : `ended by ${signal}`}${words && `: ${words.trim()}`}`;
}
