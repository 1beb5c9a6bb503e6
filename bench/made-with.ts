import { execFile } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { promisify } from "node:util";
import { lengths, type Plan } from "./plan";
import type { Stage } from "./stage";

/** Where, when and with what a run of the bench was made, one line each. */
export async function madeWith(stage: Stage, { silent, told, runs }: Plan): Promise<string[]> {
    const { pulumi, az, plugins } = stage;
    const [cpu] = cpus();
    const which = plugins.map(({ name, version, official }) => `${name} ${version}${official ? "" : " (a stand-in)"}`);
    const each = runs === 1 ? "a rotation takes" : "a rotation takes, run by run,";
    return [
        `${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}, ${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
        `Pulumi ${pulumi.version}, Node.js ${process.versions.node}, plugins ${which.join(", ")}`,
        `Azure CLI ${az?.version ?? "none"}, kubectl ${await kubectlVersion(stage)}, kube-apiserver ${stage.kubernetes}`,
        `when it began: ${loadNow()}`,
        ...(silent ? [`without Retry-After, ${each} ${lengths(silent, runs)} s at the server`] : []),
        `with a Retry-After of ${told(0).retryAfterSeconds} s, ${each} ${lengths(told, runs)} s`,
    ];
}

/** What else the machine did: by the load, each figure can be longer than it need be. */
export function loadNow(): string {
    const [minute, , quarter] = loadavg().map((load) => load.toFixed(1));
    return `load ${minute} (over a quarter of an hour: ${quarter})`;
}

async function kubectlVersion({ kubectl }: Stage): Promise<string> {
    if (kubectl === undefined) {
        return "none (the script makes an equal request by Node.js)";
    }
    const { stdout } = await promisify(execFile)(kubectl, ["version", "--client", "-o", "json"]);
    return String(JSON.parse(stdout).clientVersion?.gitVersion).replace(/^v/, "");
}
