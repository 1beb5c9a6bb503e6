import { type Command, Option } from "commander";
import { isNotFound } from "../azure/cluster";
import { explain, firstLine } from "../azure/explain";
import { fleetHub } from "../formats/cluster-id";
import { within } from "../rotator/in-time";
import { byHand } from "./by-hand";
import type { Io } from "./io";
import { setCurrentContext } from "./kubeconfig-document";
import { changeFile, type Written } from "./kubeconfig-file";
import { chooseFile, kubeconfigFiles, readKubeconfigFiles } from "./kubeconfig-list";
import { type LoginMethod, loginMethods } from "./kubelogin";
import { addedNames, type Merged, mergeKubeconfig, nameKubeconfig } from "./merge-kubeconfig";
import { namesOf } from "./names-of";
import { reportWaiting } from "./report-waiting";
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
    login?: LoginMethod;
}

const examples = `
The subscription is --subscription, else ARM_SUBSCRIPTION_ID, else the one that the az CLI is set to.

What was there is kept: other entries, comments, and of the cluster's own context the namespace. An entry of the same
cluster is replaced; one of the same name that is of another API server is an error, unless --overwrite-existing is given.
What kubelogin convert-kubeconfig has made of an entry stays, and so does the address of a tunnel (a server of your own with
the API server's name as tls-server-name).
Of the files that KUBECONFIG names, the one that has the cluster's entries is changed; else the first one that is there.
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
            'kubeconfig to merge into, or "-" to print it (default: that of KUBECONFIG, else ~/.kube/config)',
        )
        .option("--overwrite-existing", "replace entries of the same name that are of another cluster, too")
        .addOption(
            new Option("--format <format>", "with Microsoft Entra ID: how the user signs in").choices([
                "exec",
                "azure",
            ]),
        )
        .addOption(
            new Option("--login <method>", "with Microsoft Entra ID: how kubelogin signs in").choices(loginMethods),
        )
        .addHelpText("after", examples)
        .action((options: Options) => getCredentials(options, io));
}

async function getCredentials(options: Options, io: Io): Promise<void> {
    if (options.admin && options.format !== undefined) {
        throw new UsageError("--format is for the cluster user's credentials: leave it out, or --admin.");
    }
    if (options.login !== undefined && (options.admin || options.format === "azure")) {
        throw new UsageError(
            `--login is for kubelogin, which ${options.admin ? "--admin" : "--format azure"} does without: leave one of them out.`,
        );
    }
    const kubeconfig = await fetchKubeconfig(options, io);
    // What is wrong with it, or with --login, is reported before a file is touched.
    const named = nameKubeconfig(kubeconfig, options.context, options.login);
    if (options.file === "-") {
        io.out(named);
        return;
    }
    const merged = await mergeIntoFiles(kubeconfig, options, io);
    if (merged.login === "devicecode") {
        io.err("It signs in by kubelogin with a device code; --login azurecli makes it use az login.\n");
    }
}

/** Merges a kubeconfig into the user's files, and says what has changed. */
async function mergeIntoFiles(kubeconfig: string, options: Options, io: Io): Promise<Merged> {
    const paths = options.file === undefined ? kubeconfigFiles(io.env) : [options.file];
    // A single file is read when it is changed.
    const files = paths.length === 1 ? [] : await readKubeconfigFiles(paths);
    const { file, winner } =
        files.length === 0
            ? { file: { path: paths[0] as string }, winner: undefined }
            : chooseFile(files, addedNames(kubeconfig, options.context));
    const others = files.filter(({ path }) => path !== file.path).flatMap(({ text }) => text ?? []);
    let merged: Merged | undefined;
    const written = await changeFile(file.path, (existing) => {
        const { context, login, overwriteExisting: overwrite } = options;
        merged = mergeKubeconfig(existing, kubeconfig, { context, login, overwrite, others });
        return merged.text;
    });
    const { context, replaced } = merged as Merged;
    reportLooseMode(written, io);
    io.err(
        `Merged "${context}" as current context in ${written.file}` +
            `${replaced.length > 0 ? `; replaced: ${replaced.join(", ")}` : ""}.` +
            `${written.backup === undefined ? "" : ` The former file is ${written.backup}.`}\n`,
    );
    if (winner !== undefined) {
        // kubectl takes the current context from the first file that has one.
        const first = await changeFile(winner.path, (existing) => setCurrentContext(existing, context));
        reportLooseMode(first, io);
        if (first.backup !== undefined) {
            io.err(`Made it the current context in ${first.file} too. The former file is ${first.backup}.\n`);
        }
    }
    return merged as Merged;
}

function reportLooseMode({ file, loose }: Written, io: Io): void {
    if (loose !== undefined) {
        io.err(`${file} had mode ${loose}, so that others could use it; now it is 600.\n`);
    }
}

async function fetchKubeconfig(options: Options, io: Io): Promise<string> {
    const names = await namesOf(options, io);
    const { subscriptionId, resourceGroupName, clusterName, credentials: kind, serverFqdn } = names;
    const session = await reportWaiting(io, "the cloud's metadata", () => Session.open(io.env));
    const { clusters, signIn } = session.subscription(subscriptionId);
    try {
        const { format } = options;
        return await reportWaiting(io, `Azure to give the kubeconfig of ${clusterName}`, () =>
            within(azureMs, (signal) =>
                clusters.kubeconfig(resourceGroupName, clusterName, { kind, format, serverFqdn }, signal),
            ),
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
