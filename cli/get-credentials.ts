import { type Command, Option } from "commander";
import { isNotFound } from "../azure/cluster";
import { explain, firstLine } from "../azure/explain";
import { fleetHub } from "../formats/cluster-id";
import { within } from "../rotator/in-time";
import { byHand } from "./by-hand";
import type { Io } from "./io";
import { changeFile, userKubeconfig } from "./kubeconfig-file";
import { mergeKubeconfig, nameKubeconfig } from "./merge-kubeconfig";
import { namesOf } from "./names-of";
import { Session } from "./session";
import { UsageError } from "./usage-error";
import { whatIsThere } from "./what-is-there";
import { type ClusterOptions, withClusterOptions } from "./which-cluster";

const azureMs = 60_000;

interface Options extends ClusterOptions {
    context?: string;
    file?: string;
    overwriteExisting?: boolean;
    format?: "exec" | "azure";
}

const examples = `
The subscription is --subscription, else ARM_SUBSCRIPTION_ID, else the one that the az CLI is set to.

What was there is kept: other entries, comments, and of the cluster's own context the namespace. An entry of the same
cluster is replaced; one of the same name that is of another API server is an error, unless --overwrite-existing is given.
The former file stays beside the new one, as FILE.backup. Both are readable to their owner alone (mode 0600).

Examples:
  $ npx aks-certificate-rotation get-credentials --resource-group shop --name prod
  $ npx aks-certificate-rotation get-credentials -g shop -n prod --admin --context prod-eu
  $ npx aks-certificate-rotation get-credentials -g shop -n prod --file ./prod.kubeconfig

Exit codes: 0 done, 1 an error, 2 wrong options.`;

/** Adds `get-credentials`: merges a cluster's kubeconfig into the user's. */
export function addGetCredentials(program: Command, io: Io): void {
    withClusterOptions(program.command("get-credentials"))
        .summary("merge a cluster's kubeconfig into yours")
        .description(
            "Merges the kubeconfig that Azure hands out now into yours and makes it the current context, as\n" +
                "`az aks get-credentials` does. What everybody needs to do after a rotation.",
        )
        .option("--context <name>", "name for the context and the cluster (default: the cluster's)")
        .option(
            "-f, --file <path>",
            'kubeconfig to merge into, or "-" to print it (default: the first of KUBECONFIG, else ~/.kube/config)',
        )
        .option("--overwrite-existing", "replace entries of the same name that are of another cluster, too")
        .addOption(
            new Option("--format <format>", "with Microsoft Entra ID: how the user signs in").choices([
                "exec",
                "azure",
            ]),
        )
        .addHelpText("after", examples)
        .action((options: Options) => getCredentials(options, io));
}

async function getCredentials(options: Options, io: Io): Promise<void> {
    if (options.admin && options.format !== undefined) {
        throw new UsageError("--format is for the cluster user's credentials: leave it out, or --admin.");
    }
    if (options.context === "") {
        throw new UsageError("--context is empty, but must be a name.");
    }
    const kubeconfig = await fetchKubeconfig(options, io);
    if (options.file === "-") {
        io.out(nameKubeconfig(kubeconfig, options.context));
        return;
    }
    const path = options.file || userKubeconfig(io.env);
    let context = "";
    let replaced: string[] = [];
    const { file, backup, loose } = await changeFile(path, (existing) => {
        const merged = mergeKubeconfig(existing, kubeconfig, {
            context: options.context,
            overwrite: options.overwriteExisting,
        });
        ({ context, replaced } = merged);
        return merged.text;
    });
    if (loose !== undefined) {
        io.err(`${file} had mode ${loose}, so that others could use it; now it is 600.\n`);
    }
    io.err(
        `Merged "${context}" as current context in ${file}` +
            `${replaced.length > 0 ? `; replaced: ${replaced.join(", ")}` : ""}.` +
            `${backup === undefined ? "" : ` The former file is ${backup}.`}\n`,
    );
    if (/\bdevicecode\b/.test(kubeconfig) && kubeconfig.includes("kubelogin")) {
        io.err(
            "It signs in by kubelogin with a device code; `kubelogin convert-kubeconfig -l azurecli` makes it use az login.\n",
        );
    }
}

async function fetchKubeconfig(options: Options, io: Io): Promise<string> {
    const names = await namesOf(options, io);
    const { subscriptionId, resourceGroupName, clusterName, credentials: kind, serverFqdn } = names;
    const session = await Session.open(io.env);
    const { clusters, signIn } = session.subscription(subscriptionId);
    try {
        const { format } = options;
        return await within(azureMs, (signal) =>
            clusters.kubeconfig(resourceGroupName, clusterName, { kind, format, serverFqdn }, signal),
        );
    } catch (error) {
        const other =
            fleetHub(names) ?? (isNotFound(error) ? await whatIsThere(names, session.cloud, signIn) : undefined);
        throw new Error(
            other === undefined
                ? explain(error, names, signIn, byHand)
                : `${firstLine((error as Error).message)}\n${other}`,
        );
    }
}
