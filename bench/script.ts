import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tool } from "../toolchain/tool";
import { makeWorkload } from "./cluster-access";
import type { Contender, Ending } from "./contender";
import { settings } from "./ten";

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
            let running: number | undefined;
            const run = async (...lines: string[]): Promise<Ending> => {
                const child = spawn("sh", ["-euc", lines.join("\n")], {
                    cwd: folder,
                    env: { ...process.env, ...stage.azEnvironment },
                    stdio: ["ignore", "ignore", "pipe"],
                });
                running = child.pid;
                let said = "";
                child.stderr.setEncoding("utf8").on("data", (text: string) => {
                    said += text;
                });
                const [code] = await once(child, "close");
                running = undefined;
                const complaint = said.split("\n").find((line) => /error|refused|unable/i.test(line));
                return { replaced: 0, failed: code === 0 ? undefined : (complaint ?? "it was killed") };
            };
            await run(getCredentials);
            await makeWorkload(stage.control.kubeconfig(ref, "admin"), namespace);
            return {
                namespace,
                rotate: (mark) =>
                    run(
                        `az aks rotate-certs ${cluster} --yes`,
                        getCredentials,
                        `kubectl --kubeconfig kubeconfig --namespace ${namespace} label configmap ${settings} ` +
                            `mark=${mark} --overwrite`,
                    ),
                roots: () => (running === undefined ? [] : [running]),
                unlock: async () => [],
                [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
            };
        },
    };
}
